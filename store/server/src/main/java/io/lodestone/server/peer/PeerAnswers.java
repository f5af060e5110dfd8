package io.lodestone.server.peer;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import io.lodestone.api.ErrorCode;
import io.lodestone.api.LeaseId;
import io.lodestone.api.StoreException;
import io.lodestone.api.etcdserverpb.HashKVRequest;
import io.lodestone.api.etcdserverpb.HashKVResponse;
import io.lodestone.api.etcdserverpb.LeaseKeepAliveRequest;
import io.lodestone.api.etcdserverpb.LeaseKeepAliveResponse;
import io.lodestone.api.etcdserverpb.LeaseTimeToLiveRequest;
import io.lodestone.api.etcdserverpb.LeaseTimeToLiveResponse;
import io.lodestone.api.etcdserverpb.MemberAddRequest;
import io.lodestone.api.etcdserverpb.MemberListResponse;
import io.lodestone.api.etcdserverpb.MemberPromoteRequest;
import io.lodestone.api.etcdserverpb.MemberRemoveRequest;
import io.lodestone.api.etcdserverpb.MemberUpdateRequest;
import io.lodestone.api.etcdserverpb.ResponseHeader;
import io.lodestone.mvcc.Engine;
import io.lodestone.mvcc.EngineView;
import io.lodestone.mvcc.Leases;
import io.lodestone.revisions.digest.HashKv;
import io.lodestone.server.call.CallStatus;
import io.lodestone.server.cluster.Membership;
import io.lodestone.server.proposal.Proposals;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * Answers what other members ask. What only a leader knows is answered behind a read barrier: the
 * answer takes in everything that was acknowledged before the question, and comes from the one
 * leader. Thread-safe; hashes are made on {@code background}.
 */
public final class PeerAnswers {
  private static final long NO_LEASE_TTL = -1;

  private final long clusterId;
  private final Supplier<Engine> engine;
  private final Proposals proposals;
  private final Membership local;
  private final Executor background;

  /** {@code local} judges changes of members by what this member knows. */
  public PeerAnswers(
      long clusterId,
      Supplier<Engine> engine,
      Proposals proposals,
      Membership local,
      Executor background) {
    this.clusterId = clusterId;
    this.engine = engine;
    this.proposals = proposals;
    this.local = local;
    this.background = background;
  }

  /** The question of one who is no member yet; answered by a MemberListResponse. */
  public static ByteBuffer whoIsThere() {
    return new Question(Question.Kind.MEMBERS, ByteString.EMPTY).encoded();
  }

  /** A failure has the words that etcd's client is to be told. */
  public CompletableFuture<ByteBuffer> answer(ByteBuffer question) {
    CompletableFuture<ByteString> answer;
    try {
      answer = answer(Question.decoded(question));
    } catch (InvalidProtocolBufferException | RuntimeException e) {
      answer = CompletableFuture.failedFuture(e);
    }
    return answer.handle(
        (body, failure) -> {
          if (failure != null) {
            throw new IllegalStateException(CallStatus.of(failure).getDescription(), failure);
          }
          return body.asReadOnlyByteBuffer();
        });
  }

  CompletableFuture<ByteString> answer(Question question) throws InvalidProtocolBufferException {
    ByteString body = question.body();
    return switch (question.kind()) {
      case MEMBERS -> CompletableFuture.completedFuture(members().toByteString());
      case RENEW -> {
        LeaseKeepAliveRequest request = LeaseKeepAliveRequest.parseFrom(body);
        yield asLeader(() -> renewed(new LeaseId(request.getID())));
      }
      case TIME_TO_LIVE -> {
        LeaseTimeToLiveRequest request = LeaseTimeToLiveRequest.parseFrom(body);
        yield asLeader(() -> status(new LeaseId(request.getID()), request.getKeys()));
      }
      case HASH -> {
        HashKVRequest request = HashKVRequest.parseFrom(body);
        yield hash(request.getRevision()).thenApply(MessageLite::toByteString);
      }
      case ADD -> {
        MemberAddRequest request = MemberAddRequest.parseFrom(body);
        requireLeader();
        yield local
            .add(request.getPeerURLsList(), request.getIsLearner())
            .thenApply(MessageLite::toByteString);
      }
      case REMOVE -> changed(local.remove(asLeader(MemberRemoveRequest.parseFrom(body)).getID()));
      case UPDATE -> {
        MemberUpdateRequest request = asLeader(MemberUpdateRequest.parseFrom(body));
        yield changed(local.update(request.getID(), request.getPeerURLsList()));
      }
      case PROMOTE ->
          changed(local.promote(asLeader(MemberPromoteRequest.parseFrom(body)).getID()));
    };
  }

  private static CompletableFuture<ByteString> changed(CompletableFuture<Void> change) {
    return change.thenApply(done -> ByteString.EMPTY);
  }

  private <T> T asLeader(T request) {
    requireLeader();
    return request;
  }

  private void requireLeader() {
    if (!proposals.leads()) {
      throw new StoreException(ErrorCode.NOT_LEADER);
    }
  }

  private CompletableFuture<ByteString> asLeader(Supplier<MessageLite> answer) {
    requireLeader();
    return proposals
        .readBarrier()
        .thenApply(
            done -> {
              requireLeader();
              return answer.get().toByteString();
            });
  }

  private MemberListResponse members() {
    return MemberListResponse.newBuilder()
        .setHeader(ResponseHeader.newBuilder().setClusterId(clusterId))
        .addAllMembers(local.members())
        .build();
  }

  private LeaseKeepAliveResponse renewed(LeaseId id) {
    return LeaseKeepAliveResponse.newBuilder()
        .setID(id.value())
        .setTTL(engine.get().leases().renew(id).orElse(NO_LEASE_TTL))
        .build();
  }

  private LeaseTimeToLiveResponse status(LeaseId id, boolean withKeys) {
    LeaseTimeToLiveResponse.Builder response =
        LeaseTimeToLiveResponse.newBuilder().setID(id.value()).setTTL(NO_LEASE_TTL);
    Optional<Leases.LeaseStatus> status = engine.get().leases().status(id, withKeys);
    status.ifPresent(
        known ->
            response
                .setTTL(known.remainingTtlSeconds())
                .setGrantedTTL(known.grantedTtlSeconds())
                .addAllKeys(known.keys()));
    return response.build();
  }

  /** This member's own; 0 is its newest revision. The header has the revision it has reached. */
  CompletableFuture<HashKVResponse> hash(long revision) {
    return CompletableFuture.supplyAsync(() -> hashNow(revision), background);
  }

  static HashKVResponse response(HashKv hash, long reached) {
    return HashKVResponse.newBuilder()
        .setHeader(ResponseHeader.newBuilder().setRevision(reached))
        .setHash(hash.hash())
        .setCompactRevision(hash.compactRevision())
        .build();
  }

  private HashKVResponse hashNow(long revision) {
    try (EngineView view = engine.get().view()) {
      return response(view.hashKv(revision), view.revision());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot hash revision " + revision, e);
    }
  }
}
