package io.lodestone.client;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.etcdserverpb.ResponseHeader;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Remembers which cluster answered first, and refuses answers of any other: endpoints of two
 * clusters in one list would mix their histories. Thread-safe.
 */
final class ClusterIdentity {
  private final AtomicLong clusterId = new AtomicLong();

  /** The cluster's id, 0 before the first answer. */
  long clusterId() {
    return clusterId.get();
  }

  /** Checks the header of {@code answer}, if it has one. */
  void check(Message answer, Endpoint endpoint) {
    FieldDescriptor header = answer.getDescriptorForType().findFieldByName("header");
    if (header != null && answer.hasField(header)) {
      check((ResponseHeader) answer.getField(header), endpoint);
    }
  }

  private void check(ResponseHeader header, Endpoint endpoint) {
    long seen = header.getClusterId();
    if (seen == 0 || clusterId.compareAndSet(0, seen) || clusterId.get() == seen) {
      return;
    }
    throw new LodestoneException(
        endpoint
            + " belongs to cluster "
            + Long.toHexString(seen)
            + ", not to cluster "
            + Long.toHexString(clusterId.get()),
        "name only members of one cluster; if the cluster was restored, begin with a new base");
  }
}
