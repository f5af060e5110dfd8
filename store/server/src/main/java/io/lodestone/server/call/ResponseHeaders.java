package io.lodestone.server.call;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.lodestone.api.etcdserverpb.ResponseHeader;
import java.util.function.LongSupplier;

/** The header of every response: which cluster, which member, which term. Thread-safe. */
public final class ResponseHeaders {
  private final long clusterId;
  private final long memberId;
  private final LongSupplier term;
  private final LongSupplier revision;

  /**
   * {@code revision} tells the store's main revision now, {@code term} that of the log above it.
   */
  public ResponseHeaders(long clusterId, long memberId, LongSupplier term, LongSupplier revision) {
    this.clusterId = clusterId;
    this.memberId = memberId;
    this.term = term;
    this.revision = revision;
  }

  public long clusterId() {
    return clusterId;
  }

  public long memberId() {
    return memberId;
  }

  public long term() {
    return term.getAsLong();
  }

  /** A header with the revision that is visible now. */
  public ResponseHeader now() {
    return at(revision.getAsLong());
  }

  public ResponseHeader at(long mainRevision) {
    return withoutRevision().toBuilder().setRevision(mainRevision).build();
  }

  /** {@code response}, which has a field {@code header}, with that of {@code mainRevision}. */
  @SuppressWarnings("unchecked") // a builder made of an R builds an R
  public <R extends Message> R on(R response, long mainRevision) {
    FieldDescriptor header = response.getDescriptorForType().findFieldByName("header");
    return (R) response.toBuilder().setField(header, at(mainRevision)).build();
  }

  /** As the Cluster service answers: no revision. */
  public ResponseHeader withoutRevision() {
    return ResponseHeader.newBuilder()
        .setClusterId(clusterId)
        .setMemberId(memberId)
        .setRaftTerm(term())
        .build();
  }
}
