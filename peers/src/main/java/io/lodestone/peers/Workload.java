package io.lodestone.peers;

import com.google.protobuf.ByteString;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.lodestone.api.KeyRange;
import io.lodestone.api.etcdserverpb.CompactionRequest;
import io.lodestone.api.etcdserverpb.DeleteRangeRequest;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.LeaseGrantRequest;
import io.lodestone.api.etcdserverpb.LeaseGrpc;
import io.lodestone.api.etcdserverpb.LeaseRevokeRequest;
import io.lodestone.api.etcdserverpb.PutRequest;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.api.etcdserverpb.RequestOp;
import io.lodestone.api.etcdserverpb.TxnRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Concurrent writers that do everything a client can do to the keyspace: puts, deletes, range
 * deletes, transactions of up to 128 operations, nested ones (a key put and deleted in one revision
 * among them), leases granted, attached, expiring and revoked, and if asked compactions close to
 * the head. Seeded; the interleaving is the machine's.
 *
 * <p>Writers ride out a server that is away. {@link #close} stops them and fails if one of them met
 * an error it did not expect.
 */
public final class Workload implements AutoCloseable {
  private static final ByteString ALL = KeyRange.all().start();
  private static final int KEYS = 300;

  private final List<Thread> threads = new ArrayList<>();
  private final AtomicReference<RuntimeException> failure = new AtomicReference<>();
  private final AtomicLong writes = new AtomicLong();
  private final ConcurrentLinkedDeque<Long> leases = new ConcurrentLinkedDeque<>();
  private final long pauseMillis;
  private volatile boolean stopped;

  private Workload(long pauseMillis) {
    this.pauseMillis = pauseMillis;
  }

  /**
   * Starts one writer for each channel.
   *
   * @param pauseMillis how long each writer rests between two operations; keeps the load on a small
   *     machine bounded
   * @param compacting whether to compact, at the head or up to 50 revisions behind it, every few
   *     hundred operations
   */
  public static Workload start(
      long seed, long pauseMillis, boolean compacting, List<? extends Channel> channels) {
    Workload workload = new Workload(pauseMillis);
    for (int i = 0; i < channels.size(); i++) {
      Writer writer =
          workload.new Writer(new Random(seed + i), channels.get(i), compacting && i == 0);
      Thread thread = new Thread(writer::run, "workload-" + i);
      workload.threads.add(thread);
      thread.start();
    }
    return workload;
  }

  /** Operations acknowledged so far. */
  public long writes() {
    return writes.get();
  }

  /** Stops the writers and waits for them. */
  @Override
  public void close() {
    stopped = true;
    try {
      for (Thread thread : threads) {
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (failure.get() != null) {
      throw failure.get();
    }
  }

  /** One writer. Confined to its thread. */
  private final class Writer {
    private final Random random;
    private final KVGrpc.KVBlockingStub kv;
    private final LeaseGrpc.LeaseBlockingStub lease;
    private final boolean compacting;

    Writer(Random random, Channel channel, boolean compacting) {
      this.random = random;
      this.kv = KVGrpc.newBlockingStub(channel);
      this.lease = LeaseGrpc.newBlockingStub(channel);
      this.compacting = compacting;
    }

    void run() {
      while (!stopped) {
        try {
          attempt();
          TimeUnit.MILLISECONDS.sleep(pauseMillis);
        } catch (StatusRuntimeException e) {
          failure.compareAndSet(null, e);
          return;
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return;
        }
      }
    }

    private void attempt() {
      try {
        step();
        writes.incrementAndGet();
      } catch (StatusRuntimeException e) {
        if (!isExpected(e.getStatus())) {
          throw e;
        }
      }
    }

    /**
     * A server that is away, is fenced or has no leader, a lease gone before its use, a compaction
     * that another one overtook.
     */
    private boolean isExpected(Status status) {
      return switch (status.getCode()) {
        case UNAVAILABLE, DEADLINE_EXCEEDED, CANCELLED, NOT_FOUND, OUT_OF_RANGE, DATA_LOSS -> true;
        case UNKNOWN -> isAbsence(String.valueOf(status.getDescription()));
        default -> false;
      };
    }

    /**
     * What etcd without a leader, and the transport of a member killed under a call, have no code
     * for.
     */
    private static boolean isAbsence(String description) {
      return description.contains("leader")
          || description.contains("raft proposal dropped")
          || description.contains("channel closed");
    }

    private void step() {
      int dice = random.nextInt(100);
      if (dice < 50) {
        stub().put(put(key()));
      } else if (dice < 60) {
        stub().deleteRange(DeleteRangeRequest.newBuilder().setKey(key()).build());
      } else if (dice < 63) {
        KeyRange range = KeyRange.prefix(ByteString.copyFromUtf8("key/" + random.nextInt(10)));
        stub()
            .deleteRange(
                DeleteRangeRequest.newBuilder()
                    .setKey(range.start())
                    .setRangeEnd(range.end())
                    .build());
      } else if (dice < 80) {
        stub().txn(transaction(1 + random.nextInt(20)));
      } else if (dice < 83) {
        stub().txn(transaction(128));
      } else if (dice < 88) {
        stub().txn(putThenDeleteOfOneKey());
      } else if (dice < 93) {
        grantLease();
      } else if (dice < 96) {
        revokeLease();
      } else if (compacting) {
        compact();
      } else {
        stub().put(put(key()));
      }
    }

    private KVGrpc.KVBlockingStub stub() {
      return kv.withDeadlineAfter(5, TimeUnit.SECONDS);
    }

    private ByteString key() {
      return ByteString.copyFromUtf8(String.format("key/%03d", random.nextInt(KEYS)));
    }

    private PutRequest put(ByteString key) {
      byte[] value = new byte[random.nextInt(100)];
      random.nextBytes(value);
      PutRequest.Builder put =
          PutRequest.newBuilder().setKey(key).setValue(ByteString.copyFrom(value));
      Long leaseId = leases.peekFirst();
      if (leaseId != null && random.nextInt(5) == 0) {
        put.setLease(leaseId);
      }
      return put.build();
    }

    /**
     * Distinct keys, since a key may stand once on one level; puts and deletes mixed, some of them
     * nested one level down.
     */
    private TxnRequest transaction(int operations) {
      TxnRequest.Builder outer = TxnRequest.newBuilder();
      int offset = random.nextInt(KEYS);
      for (int i = 0; i < operations; i++) {
        ByteString key =
            ByteString.copyFromUtf8(String.format("key/%03d", (offset + 7 * i) % KEYS));
        RequestOp operation = operation(key);
        boolean nested = operations < 20 && random.nextInt(6) == 0;
        outer.addSuccess(nested ? nest(operation) : operation);
      }
      return outer.build();
    }

    private RequestOp operation(ByteString key) {
      return random.nextInt(4) == 0
          ? RequestOp.newBuilder()
              .setRequestDeleteRange(DeleteRangeRequest.newBuilder().setKey(key))
              .build()
          : RequestOp.newBuilder().setRequestPut(put(key)).build();
    }

    private RequestOp nest(RequestOp operation) {
      return RequestOp.newBuilder()
          .setRequestTxn(TxnRequest.newBuilder().addSuccess(operation))
          .build();
    }

    private TxnRequest putThenDeleteOfOneKey() {
      ByteString key = key();
      RequestOp put = RequestOp.newBuilder().setRequestPut(put(key)).build();
      RequestOp delete =
          RequestOp.newBuilder()
              .setRequestDeleteRange(DeleteRangeRequest.newBuilder().setKey(key))
              .build();
      return TxnRequest.newBuilder().addSuccess(nest(put)).addSuccess(nest(delete)).build();
    }

    private void grantLease() {
      LeaseGrantRequest request =
          LeaseGrantRequest.newBuilder().setTTL(2 + random.nextInt(60)).build();
      leases.addFirst(lease.withDeadlineAfter(5, TimeUnit.SECONDS).leaseGrant(request).getID());
    }

    private void revokeLease() {
      Long id = leases.size() > 3 ? leases.pollLast() : null;
      if (id != null) {
        lease
            .withDeadlineAfter(5, TimeUnit.SECONDS)
            .leaseRevoke(LeaseRevokeRequest.newBuilder().setID(id).build());
      }
    }

    private void compact() {
      RangeRequest count =
          RangeRequest.newBuilder().setKey(ALL).setRangeEnd(ALL).setCountOnly(true).build();
      long head = stub().range(count).getHeader().getRevision();
      long revision = Math.max(1, head - random.nextInt(50));
      stub().compact(CompactionRequest.newBuilder().setRevision(revision).build());
    }
  }
}
