package io.lodestone.conformance.cluster;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.LeaseGrantRequest;
import io.lodestone.api.etcdserverpb.LeaseGrpc;
import io.lodestone.api.etcdserverpb.LeaseKeepAliveRequest;
import io.lodestone.api.etcdserverpb.LeaseKeepAliveResponse;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.RangeRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * Takes leases, hangs a key on each, keeps it alive for a while, each time at any member, and looks
 * whether the key is there as long as it must be: the TTL after the beginning of the last call that
 * was answered. A thread.
 */
final class Tenant extends Thread {
  static final String PREFIX = "lease/";
  private static final int TTL_SECONDS = 3;
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(300);

  private final List<ManagedChannel> channels = new ArrayList<>();
  private final ConcurrentLinkedQueue<Throwable> surprises;
  private final Random random;
  private final AtomicBoolean stopping = new AtomicBoolean();
  private int count;
  private int kept;

  Tenant(List<String> endpoints, ConcurrentLinkedQueue<Throwable> surprises, long seed) {
    super("tenant");
    this.surprises = surprises;
    this.random = new Random(seed);
    for (String endpoint : endpoints) {
      channels.add(NettyChannelBuilder.forTarget(endpoint).usePlaintext().build());
    }
  }

  /** Returns how many calls to keep a lease alive were answered. */
  int finish() throws InterruptedException {
    stopping.set(true);
    join();
    channels.forEach(ManagedChannel::shutdownNow);
    return kept;
  }

  @Override
  public void run() {
    while (!stopping.get()) {
      try {
        rent(PREFIX + count++);
      } catch (StatusRuntimeException | CompletionException e) {
        // The lease is left to itself; that it ends is seen afterwards.
        LockSupport.parkNanos(PAUSE_NANOS);
      } catch (RuntimeException | Error e) {
        surprises.add(e);
      }
    }
  }

  private ManagedChannel anyMember() {
    ManagedChannel channel = channels.get(random.nextInt(channels.size()));
    channel.resetConnectBackoff();
    return channel;
  }

  private void rent(String key) {
    long alive = System.nanoTime();
    long lease =
        LeaseGrpc.newBlockingStub(anyMember())
            .withDeadlineAfter(2, TimeUnit.SECONDS)
            .leaseGrant(LeaseGrantRequest.newBuilder().setTTL(TTL_SECONDS).build())
            .getID();
    var unused =
        kv().put(
                PutRequest.newBuilder()
                    .setKey(ByteString.copyFromUtf8(key))
                    .setLease(lease)
                    .build());
    int times = random.nextInt(8);
    for (int i = 0; i < times && !stopping.get(); i++) {
      look(key, alive);
      LockSupport.parkNanos(PAUSE_NANOS);
      long asked = System.nanoTime();
      if (keepAlive(lease) > 0) {
        alive = asked;
        kept++;
      }
    }
    look(key, alive);
  }

  private KVGrpc.KVBlockingStub kv() {
    return KVGrpc.newBlockingStub(anyMember()).withDeadlineAfter(2, TimeUnit.SECONDS);
  }

  private void look(String key, long aliveNanos) {
    long found =
        kv().range(RangeRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)).build())
            .getCount();
    long age = System.nanoTime() - aliveNanos;
    if (found == 0 && age < TimeUnit.SECONDS.toNanos(TTL_SECONDS)) {
      throw new AssertionError(
          key + " is gone " + TimeUnit.NANOSECONDS.toMillis(age) + " ms after it was kept alive");
    }
  }

  /** The TTL answered; 0 or less where the lease has ended. */
  private long keepAlive(long lease) {
    CompletableFuture<Long> answer = new CompletableFuture<>();
    StreamObserver<LeaseKeepAliveRequest> requests =
        LeaseGrpc.newStub(anyMember())
            .withDeadlineAfter(2, TimeUnit.SECONDS)
            .leaseKeepAlive(
                new StreamObserver<>() {
                  @Override
                  public void onNext(LeaseKeepAliveResponse response) {
                    answer.complete(response.getTTL());
                  }

                  @Override
                  public void onError(Throwable failure) {
                    answer.completeExceptionally(failure);
                  }

                  @Override
                  public void onCompleted() {
                    answer.complete(0L);
                  }
                });
    requests.onNext(LeaseKeepAliveRequest.newBuilder().setID(lease).build());
    requests.onCompleted();
    return answer.join();
  }
}
