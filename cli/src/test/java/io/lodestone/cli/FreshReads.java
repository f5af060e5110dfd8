package io.lodestone.cli;

import com.google.protobuf.ByteString;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.api.etcdserverpb.RangeResponse;
import io.lodestone.client.EtcdConnection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Writes to a source and then reads from its replica, again and again; an answer without what the
 * source had acknowledged before is noted. What is not answered counts for nothing. Thread-safe.
 */
final class FreshReads implements AutoCloseable {
  private static final ByteString KEY = ByteString.copyFromUtf8("fresh");
  private static final long PAUSE_MILLIS = 20;

  private final EtcdConnection source;
  private final EtcdConnection replica;
  private final AtomicLong answers = new AtomicLong();
  private final List<String> stale = new CopyOnWriteArrayList<>();
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final Thread thread = new Thread(this::run, "fresh-reads");

  private FreshReads(EtcdConnection source, EtcdConnection replica) {
    this.source = source;
    this.replica = replica;
  }

  /** Both connections stay the caller's to close. */
  static FreshReads start(EtcdConnection source, EtcdConnection replica) {
    FreshReads reads = new FreshReads(source, replica);
    reads.thread.start();
    return reads;
  }

  /** How many reads were answered. */
  long answers() {
    return answers.get();
  }

  /** What was answered too old. */
  List<String> stale() {
    return List.copyOf(stale);
  }

  private void run() {
    try {
      while (!stopped.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS)) {
        try {
          writeAndRead();
        } catch (LodestoneException e) {
          // one of the two is away: nothing was promised
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void writeAndRead() {
    PutRequest put = PutRequest.newBuilder().setKey(KEY).build();
    long acknowledged = source.write(KVGrpc.getPutMethod(), put).getHeader().getRevision();
    RangeResponse read =
        replica.read(KVGrpc.getRangeMethod(), RangeRequest.newBuilder().setKey(KEY).build());
    answers.incrementAndGet();
    long found = read.getKvsCount() == 0 ? 0 : read.getKvs(0).getModRevision();
    if (found < acknowledged || read.getHeader().getRevision() < acknowledged) {
      stale.add("acknowledged at " + acknowledged + ", read " + read);
    }
  }

  @Override
  public void close() {
    stopped.countDown();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
