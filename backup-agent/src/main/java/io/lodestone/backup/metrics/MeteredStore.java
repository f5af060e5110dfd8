package io.lodestone.backup.metrics;

import com.google.protobuf.ByteString;
import io.lodestone.repository.objects.ForwardingStore;
import io.lodestone.repository.objects.ObjectStore;
import java.io.IOException;

/** A store that counts what is written into it. Thread-safe. */
public final class MeteredStore extends ForwardingStore {
  private final ClusterMetrics metrics;

  public MeteredStore(ObjectStore store, ClusterMetrics metrics) {
    super(store);
    this.metrics = metrics;
  }

  @Override
  public boolean create(String name, ByteString bytes) throws IOException {
    boolean created = super.create(name, bytes);
    if (created) {
      metrics.stored(bytes.size());
    }
    return created;
  }

  @Override
  public void overwrite(String name, ByteString bytes) throws IOException {
    super.overwrite(name, bytes);
    metrics.stored(bytes.size());
  }
}
