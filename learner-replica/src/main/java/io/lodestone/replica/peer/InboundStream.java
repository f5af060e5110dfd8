package io.lodestone.replica.peer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.lodestone.api.raftpb.Message;
import io.lodestone.replica.peer.Arrival.Expelled;
import io.lodestone.replica.peer.Arrival.Said;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One of a member's streams, read on a thread of its own and opened again whenever it breaks.
 * Thread-safe.
 */
final class InboundStream implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(InboundStream.class);
  private static final int BUFFER_BYTES = 64 << 10;

  /** etcd allows ten attempts a second. */
  private static final long PAUSE_MILLIS = 200;

  /** etcd gives a sign of life every 5/3 s. */
  private static final long SILENCE_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final PeerClient client;
  private final StreamKind kind;
  private final PeerIdentity self;
  private final long member;
  private final Inbox inbox;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread;
  private final Object lock = new Object();
  private volatile List<String> urls;

  /** Whether the reader waits for its member, and not for room in the inbox. */
  private volatile boolean reading;

  private volatile long heardNanos;
  private int next;

  @GuardedBy("lock")
  private Optional<InputStream> open = Optional.empty();

  /** Reads nothing yet. */
  InboundStream(
      PeerClient client,
      StreamKind kind,
      PeerIdentity self,
      long member,
      List<String> urls,
      Inbox inbox) {
    this.client = client;
    this.kind = kind;
    this.self = self;
    this.member = member;
    this.urls = urls;
    this.inbox = inbox;
    this.thread =
        new Thread(this::run, "replica-peer-" + Long.toHexString(member) + "-" + kind.name());
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** Where the member is reached from the next attempt on. */
  void moved(List<String> nowAt) {
    urls = nowAt;
  }

  private void run() {
    try {
      do {
        readOnce();
      } while (!closed.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void readOnce() throws InterruptedException {
    List<String> known = urls;
    String url = known.get(Math.floorMod(next++, known.size()));
    try (InputStream in = client.open(kind, self, member, url)) {
      if (hold(in)) {
        read(new DataInputStream(new BufferedInputStream(in, BUFFER_BYTES)));
      }
    } catch (ExpelledException e) {
      inbox.put(new Expelled(member));
    } catch (IOException e) {
      LOG.atDebug().addKeyValue("peer-url", url).setCause(e).log("no stream from a member");
    } finally {
      reading = false;
    }
  }

  private boolean hold(InputStream in) {
    synchronized (lock) {
      open = Optional.of(in);
      return closed.getCount() > 0;
    }
  }

  private void read(DataInputStream in) throws IOException, InterruptedException {
    MessageReader messages = kind.reader(in, member, self.memberId());
    while (true) {
      heardNanos = System.nanoTime();
      reading = true;
      Message message = messages.next();
      reading = false;
      if (!StreamKind.isHeartbeat(message)) {
        inbox.put(new Said(message));
      }
    }
  }

  /** Breaks a stream of which nothing was heard for too long; to be called now and then. */
  void breakIfSilent() {
    if (reading && System.nanoTime() - heardNanos > SILENCE_NANOS) {
      breakOff();
    }
  }

  private void breakOff() {
    Optional<InputStream> broken;
    synchronized (lock) {
      broken = open;
      open = Optional.empty();
    }
    if (broken.isPresent()) {
      try {
        broken.get().close();
      } catch (IOException e) {
        LOG.atDebug().setCause(e).log("a broken stream does not close");
      }
    }
  }

  /** Does not wait for the thread. */
  @Override
  public void close() {
    closed.countDown();
    breakOff();
    thread.interrupt();
  }
}
