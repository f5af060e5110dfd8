package io.lodestone.cli;

import com.google.protobuf.ByteString;
import io.grpc.Channel;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.lodestone.api.KeyRange;
import io.lodestone.api.etcdserverpb.HashKVRequest;
import io.lodestone.api.etcdserverpb.HashKVResponse;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.MaintenanceGrpc;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.api.mvccpb.KeyValue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Writes down, while a cluster is written to, what it says of itself: HashKV and all key values at
 * the newest revision.
 */
final class SourceSampler implements AutoCloseable {
  private static final ByteString ALL = KeyRange.all().start();

  /** What the source said at one revision. */
  record Sample(long revision, int hash, long compactRevision, List<KeyValue> keyValues) {}

  private static final Duration EVERY = Duration.ofMillis(20);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Channel channel;

  /** Belongs to the clock's thread until that has ended. */
  private final List<Sample> samples = new ArrayList<>();

  private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
  private final Future<?> sampling;

  SourceSampler(Channel channel) {
    this.channel = channel;
    this.sampling =
        clock.scheduleWithFixedDelay(this::takeSample, 0, EVERY.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void takeSample() {
    try {
      samples.add(sample(channel, 0));
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() != Code.OUT_OF_RANGE) {
        throw e;
      }
      // Compacted between the two calls: the next one is taken soon.
    }
  }

  /** What {@code channel}'s member says at {@code revision}; 0 = the newest. */
  static Sample sample(Channel channel, long revision) {
    HashKVResponse hash =
        MaintenanceGrpc.newBlockingStub(channel)
            .withDeadlineAfter(5, TimeUnit.SECONDS)
            .hashKV(HashKVRequest.newBuilder().setRevision(revision).build());
    long at = revision == 0 ? hash.getHeader().getRevision() : revision;
    RangeRequest all =
        RangeRequest.newBuilder().setKey(ALL).setRangeEnd(ALL).setRevision(at).build();
    List<KeyValue> keyValues =
        KVGrpc.newBlockingStub(channel)
            .withDeadlineAfter(5, TimeUnit.SECONDS)
            .range(all)
            .getKvsList();
    return new Sample(at, hash.getHash(), hash.getCompactRevision(), keyValues);
  }

  /**
   * Stops; returns the samples whose compact revision was certainly in force when their revision
   * was the newest. Fails where the source failed to answer.
   */
  List<Sample> stop() throws ExecutionException, InterruptedException {
    close();
    if (!sampling.isCancelled()) {
      sampling.get();
    }
    List<Sample> settled = new ArrayList<>();
    for (int i = 0; i + 1 < samples.size(); i++) {
      Sample sample = samples.get(i);
      if (sample.compactRevision() == samples.get(i + 1).compactRevision()
          && sample.compactRevision() < sample.revision()) {
        settled.add(sample);
      }
    }
    return settled;
  }

  /** When this returns, no sample is being taken any more. */
  @Override
  public void close() {
    clock.shutdown();
    try {
      if (!clock.awaitTermination(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        throw new IllegalStateException("the sampler is stuck in a call");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
