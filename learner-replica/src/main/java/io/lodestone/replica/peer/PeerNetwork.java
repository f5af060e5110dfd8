package io.lodestone.replica.peer;

import io.lodestone.api.etcdserverpb.Member;
import io.lodestone.api.raftpb.Message;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What connects a learner with the other members: its port, its streams from each of them, and what
 * it posts. Thread-safe.
 */
public final class PeerNetwork implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PeerNetwork.class);

  /** Other members give up after 5 s. */
  private static final long BEAT_MILLIS = 1500;

  private final PeerIdentity self;
  private final Inbox inbox;
  private final PeerClient client;
  private final OutboundStreams outbound = new OutboundStreams();
  private final Map<Long, Peer> peers = new ConcurrentHashMap<>();
  private final PeerPort port;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread made = new Thread(task, "replica-peer-timer");
            made.setDaemon(true);
            return made;
          });

  /** Another member, as far as we talk to it. */
  private record Peer(List<String> urls, List<InboundStream> streams, Postbox postbox) {
    Peer movedTo(List<String> now) {
      streams.forEach(stream -> stream.moved(now));
      postbox.moved(now);
      return new Peer(now, streams, postbox);
    }
  }

  /**
   * Talks to nobody yet.
   *
   * @param client stays the caller's to close, after this
   * @param socket likewise
   * @param spool a directory with room for the cluster's database
   */
  public PeerNetwork(
      PeerIdentity self,
      PeerClient client,
      PeerSocket socket,
      Path spool,
      Inbox inbox,
      PeerAnswers answers) {
    this.self = self;
    this.client = client;
    this.inbox = inbox;
    this.port = new PeerPort(socket, self, spool, inbox, outbound, this::version, answers);
  }

  /** Listens from now on. */
  public void start() {
    port.start();
    var unused =
        timer.scheduleWithFixedDelay(this::beat, BEAT_MILLIS, BEAT_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void beat() {
    outbound.beat();
    peers.values().forEach(peer -> peer.streams().forEach(InboundStream::breakIfSilent));
  }

  /** From now on talks to {@code member} at these URLs; not to ourselves, or nowhere. */
  public synchronized void know(Member member) {
    List<String> urls = List.copyOf(member.getPeerURLsList());
    long id = member.getID();
    if (id == self.memberId() || urls.isEmpty()) {
      return;
    }
    Optional<Peer> known = Optional.ofNullable(peers.get(id));
    if (known.isEmpty()) {
      peers.put(id, meet(id, urls));
    } else if (!known.get().urls().equals(urls)) {
      peers.put(id, known.get().movedTo(urls));
    }
  }

  private Peer meet(long id, List<String> urls) {
    List<InboundStream> streams =
        List.of(stream(StreamKind.APPEND, id, urls), stream(StreamKind.MESSAGE, id, urls));
    streams.forEach(InboundStream::start);
    return new Peer(urls, streams, new Postbox(client, self, urls));
  }

  private InboundStream stream(StreamKind kind, long id, List<String> urls) {
    return new InboundStream(client, kind, self, id, urls, inbox);
  }

  /** The member has gone. */
  public synchronized void forget(long id) {
    Optional.ofNullable(peers.remove(id))
        .ifPresent(peer -> peer.streams().forEach(InboundStream::close));
  }

  /** Those we talk to. */
  public List<Long> known() {
    return List.copyOf(peers.keySet());
  }

  /** Posts a message to the member it is for; it may get lost. Never blocks. */
  public void send(Message message) {
    Optional.ofNullable(peers.get(message.getTo())).ifPresent(peer -> peer.postbox().post(message));
  }

  /**
   * What another member says: the leader lets the cluster be as new as its oldest member, which is
   * not to be us.
   */
  private Optional<PeerVersion> version() {
    try {
      for (Peer peer : peers.values()) {
        Optional<PeerVersion> told = version(peer.urls().get(0));
        if (told.isPresent()) {
          return told;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return Optional.empty();
  }

  private Optional<PeerVersion> version(String peerUrl) throws InterruptedException {
    try {
      return client.version(peerUrl);
    } catch (IOException e) {
      LOG.atDebug().addKeyValue("url", peerUrl).setCause(e).log("a member tells no version");
      return Optional.empty();
    }
  }

  /** Ends all connections. */
  @Override
  public synchronized void close() {
    timer.shutdownNow();
    known().forEach(this::forget);
    port.close();
  }
}
