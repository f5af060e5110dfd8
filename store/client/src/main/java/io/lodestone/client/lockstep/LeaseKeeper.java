package io.lodestone.client.lockstep;

import io.grpc.stub.StreamObserver;
import io.lodestone.api.LeaseId;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.etcdserverpb.LeaseGrpc;
import io.lodestone.api.etcdserverpb.LeaseKeepAliveRequest;
import io.lodestone.api.etcdserverpb.LeaseKeepAliveResponse;
import io.lodestone.client.Endpoint;
import io.lodestone.client.EtcdConnection;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps leases of the destination alive while their clients still are at the source: each is
 * renewed three times in its TTL, over one stream, by a thread of its own. Thread-safe.
 */
public final class LeaseKeeper implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(LeaseKeeper.class);
  private static final long TICK_MILLIS = 200;
  private static final long STOP_MILLIS = 5_000;

  private final EtcdConnection destination;
  private final Map<LeaseId, Renewal> renewals = new ConcurrentHashMap<>();
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final Thread thread = new Thread(this::run, "lockstep-leases");

  /** Of the keeper's thread. */
  private Optional<Renewals> stream = Optional.empty();

  private int member;

  private record Renewal(long ttlSeconds, long dueNanos) {
    static Renewal after(long ttlSeconds) {
      return new Renewal(ttlSeconds, System.nanoTime() + TimeUnit.SECONDS.toNanos(ttlSeconds) / 3);
    }
  }

  public LeaseKeeper(EtcdConnection destination) {
    this.destination = destination;
  }

  public void start() {
    thread.setDaemon(true);
    thread.start();
  }

  /** Renews {@code lease} from now on, at once for the first time. */
  public void keep(LeaseId lease, long ttlSeconds) {
    renewals.put(lease, new Renewal(ttlSeconds, System.nanoTime()));
  }

  public void drop(LeaseId lease) {
    renewals.remove(lease);
  }

  /** False as well where the destination did not have it any more when it was to be renewed. */
  public boolean keeps(LeaseId lease) {
    return renewals.containsKey(lease);
  }

  /**
   * Renews each lease once; when this returns, the destination has done so. Fails where it did not
   * in time.
   */
  void renewOnce(Set<LeaseId> leases, Duration patience) throws InterruptedException {
    Endpoint endpoint = destination.endpoints().get(0);
    OneRenewalEach answers = new OneRenewalEach(leases.size());
    StreamObserver<LeaseKeepAliveRequest> requests =
        LeaseGrpc.newStub(destination.channel(endpoint)).leaseKeepAlive(answers);
    leases.forEach(lease -> requests.onNext(request(lease)));
    boolean inTime = answers.left.await(patience.toNanos(), TimeUnit.NANOSECONDS);
    requests.onCompleted();
    if (!inTime || answers.failed) {
      throw new LodestoneException(
          "the destination did not renew its " + leases.size() + " leases",
          "check the member at " + endpoint + ", then go on: lodestone migrate run");
    }
  }

  private static LeaseKeepAliveRequest request(LeaseId lease) {
    return LeaseKeepAliveRequest.newBuilder().setID(lease.value()).build();
  }

  private void run() {
    try {
      while (!stopped.await(TICK_MILLIS, TimeUnit.MILLISECONDS)) {
        renewDue();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      stream.ifPresent(Renewals::end);
    }
  }

  private void renewDue() {
    long now = System.nanoTime();
    renewals.forEach(
        (lease, renewal) -> {
          if (renewal.dueNanos() - now <= 0) {
            stream().send(lease);
            renewals.replace(lease, renewal, Renewal.after(renewal.ttlSeconds()));
          }
        });
  }

  /** The open stream, or one to the next member. */
  private Renewals stream() {
    if (stream.isPresent() && !stream.get().broken) {
      return stream.get();
    }
    Endpoint endpoint = destination.endpoints().get(member++ % destination.endpoints().size());
    Renewals opened = new Renewals();
    opened.requests = LeaseGrpc.newStub(destination.channel(endpoint)).leaseKeepAlive(opened);
    stream = Optional.of(opened);
    return opened;
  }

  @Override
  public void close() {
    stopped.countDown();
    try {
      thread.join(STOP_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Counts answers until each of a number of leases has one. */
  private static final class OneRenewalEach implements StreamObserver<LeaseKeepAliveResponse> {
    private final CountDownLatch left;
    private volatile boolean failed;

    OneRenewalEach(int leases) {
      this.left = new CountDownLatch(leases);
    }

    @Override
    public void onNext(LeaseKeepAliveResponse answer) {
      left.countDown();
    }

    @Override
    public void onError(Throwable failure) {
      failed = true;
      releaseAll();
    }

    @Override
    public void onCompleted() {
      releaseAll();
    }

    private void releaseAll() {
      while (left.getCount() > 0) {
        left.countDown();
      }
    }
  }

  /** One stream of renewals and its answers. A broken one is replaced when the next is due. */
  private final class Renewals implements StreamObserver<LeaseKeepAliveResponse> {
    private StreamObserver<LeaseKeepAliveRequest> requests;
    private volatile boolean broken;

    void send(LeaseId lease) {
      requests.onNext(request(lease));
    }

    void end() {
      if (!broken) {
        requests.onCompleted();
      }
    }

    @Override
    public void onNext(LeaseKeepAliveResponse answer) {
      LeaseId lease = new LeaseId(answer.getID());
      if (answer.getTTL() <= 0 && renewals.remove(lease) != null) {
        log.atWarn().addKeyValue("lease", lease).log("the lease has gone from the destination");
      }
    }

    @Override
    public void onError(Throwable failure) {
      broken = true;
      if (stopped.getCount() > 0) {
        renewals.replaceAll((lease, old) -> new Renewal(old.ttlSeconds(), System.nanoTime()));
        log.atWarn()
            .addKeyValue("reason", failure.getMessage())
            .log("renewing leases at the destination broke off; trying another member");
      }
    }

    @Override
    public void onCompleted() {
      broken = true;
    }
  }
}
