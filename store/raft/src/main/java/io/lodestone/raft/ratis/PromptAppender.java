package io.lodestone.raft.ratis;

import io.lodestone.raft.Peer;
import java.io.IOException;
import java.util.Comparator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotReplyProto;
import org.apache.ratis.proto.grpc.RaftServerProtocolServiceGrpc;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.leader.FollowerInfo;
import org.apache.ratis.server.leader.LeaderState;
import org.apache.ratis.server.leader.LogAppenderBase;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.server.raftlog.RaftLogIOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the leader's log to one follower: what is new on the thread that made it so, where nothing
 * stands in the way, all else on a thread of its own. One message with entries is under way at a
 * time; what comes meanwhile goes into the next, together with the news of what is committed, which
 * for a moment waits for it, unless nothing is about to come and the follower has asked for
 * something. Heartbeats do not wait. ADR 9 tells why this is not Ratis' own appender, whose
 * protocol it speaks.
 */
final class PromptAppender extends LogAppenderBase {
  private static final Logger LOG = LoggerFactory.getLogger(PromptAppender.class);
  private static final long NONE = -1;
  private static final long REST_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /**
   * So long after entries went out, and after a commit where commands wait already, news of a
   * commit waits for the next entries to travel with.
   */
  private static final long NEWS_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

  /** So long, a follower that asked for something is taken for one whose clients wait for news. */
  private static final long ASKED_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /** On the thread that appended them. */
  private static final int MOST_SENT_AT_ONCE = 4;

  /** While the thread does not wait. */
  private static final long AWAKE_NANOS = TimeUnit.HOURS.toNanos(1);

  /** So often in a row, a follower says that it lacks what it had, before that is believed. */
  private static final int LOSSES = 3;

  private final PromptRpc.Senders senders;
  private final long member;

  /** Held by whoever sends. */
  private final ReentrantLock sending = new ReentrantLock();

  private final AtomicLong callIds = new AtomicLong();
  private final AtomicLong inPlace = new AtomicLong(NONE);
  private volatile Thread runner;
  private volatile boolean reachable = true;

  /** Null before the first one is opened. */
  private volatile AppendStream stream;

  /** The commit index that the follower was sent last. */
  private volatile long told = NONE;

  /** The commit index that was last seen to be news. */
  private volatile long news = NONE;

  // By the clock of System.nanoTime: when that was seen, when entries went out last, when the
  // follower passed on a command or a read last, until when nothing but heartbeats goes, and when
  // the thread looks again by itself.
  private volatile long newsNanos = System.nanoTime();
  private volatile long sentNanos = System.nanoTime() - NEWS_NANOS;
  private volatile long askedNanos = System.nanoTime() - ASKED_NANOS;
  private volatile long restsUntilNanos = System.nanoTime();
  private volatile long wakesNanos = System.nanoTime() + AWAKE_NANOS;

  PromptAppender(
      RaftServer.Division server,
      LeaderState state,
      FollowerInfo follower,
      PromptRpc.Senders senders) {
    super(server, state, follower);
    this.senders = senders;
    this.member = Peers.id(follower.getId());
  }

  /** Whose the follower is. */
  long member() {
    return member;
  }

  @Override
  public long getCallId() {
    return callIds.get();
  }

  @Override
  public Comparator<Long> getCallIdComparator() {
    return Comparator.naturalOrder();
  }

  /**
   * Sends what is new, or wakes the thread where there is something to do before it would look by
   * itself. Never lost, also where this comes just before the wait; Ratis' own signal may be.
   */
  @Override
  public void notifyLogAppender() {
    sendNew();
    long now = System.nanoTime();
    if (now + waitNanos(now) - wakesNanos < 0) {
      LockSupport.unpark(runner);
    }
  }

  private void sendNew() {
    if (!isOnlyNew() || !sending.tryLock()) {
      return;
    }
    try {
      if (isOnlyNew() && isRunning()) {
        send(!hasAppendEntries());
      }
    } catch (RaftLogIOException | RuntimeException e) {
      // Not a matter of whoever made the news: the thread tries again, and ends where that fails.
      LOG.atWarn().setCause(e).log("news could not be sent at once");
      stream.close();
    } finally {
      sending.unlock();
    }
  }

  /**
   * Whether a few entries, which are in memory, or the news of a commit are all that the follower
   * lacks, and may go.
   */
  private boolean isOnlyNew() {
    long now = System.nanoTime();
    long matched = getFollower().getMatchIndex();
    long entries = getRaftLog().getNextIndex() - 1 - matched;
    return entries <= MOST_SENT_AT_ONCE
        && (entries > 0 || newsRestNanos(now) == 0)
        && matched >= getRaftLog().getStartIndex()
        && matched + 1 == getFollower().getNextIndex()
        && !getLeaderState().isFollowerBootstrapping(getFollower())
        && inPlace.get() == NONE
        && isOpen()
        && !hasPendingDataRequests()
        && restsUntilNanos - now <= 0
        && getHeartbeatWaitTimeMs() > 0;
  }

  /** The follower has passed on a command or a read, and is to hear at once how that went. */
  void asked() {
    askedNanos = System.nanoTime();
    notifyLogAppender();
  }

  @Override
  public void run() throws IOException, InterruptedException {
    runner = Thread.currentThread();
    senders.begins(this);
    try {
      while (isRunning()) {
        sending.lockInterruptibly();
        try {
          step();
        } finally {
          sending.unlock();
        }
        getLeaderState().checkHealth(getFollower());
        rest();
      }
    } finally {
      senders.ends(this);
      sending.lock();
      try {
        if (stream != null) {
          stream.close();
        }
      } finally {
        sending.unlock();
      }
      resumeUnlessOver();
    }
  }

  /**
   * When a new member cannot be added, Ratis stops the appenders of all that were added as learners
   * or were begun anew since this member leads, members though they are. One that is no member any
   * more is not begun again.
   */
  private void resumeUnlessOver() {
    if (!isRunning() && getServer().getInfo().isLeaderReady()) {
      getLeaderState().restart(this);
    }
  }

  private void rest() throws InterruptedException {
    long now = System.nanoTime();
    wakesNanos = now + AWAKE_NANOS;
    long nanos = waitNanos(now);
    if (nanos > 0) {
      wakesNanos = now + nanos;
      LockSupport.parkNanos(this, nanos);
      wakesNanos = System.nanoTime() + AWAKE_NANOS;
    }
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
  }

  /** How long there is nothing to do, by what is known {@code now}; on any thread. */
  private long waitNanos(long now) {
    long resting = restsUntilNanos - now;
    if (!isOpen()) {
      return resting;
    }
    long next = TimeUnit.MILLISECONDS.toNanos(getHeartbeatWaitTimeMs());
    long beforeNews = sentNanos + NEWS_NANOS - now;
    if (beforeNews > 0) {
      // Nobody has to wake the thread for news that comes until then.
      next = Math.min(next, beforeNews);
    }
    if (!hasPendingDataRequests()) {
      long due = hasAppendEntries() ? 0 : newsRestNanos(now);
      next = Math.min(next, Math.max(resting, due));
    }
    return next;
  }

  private boolean isOpen() {
    return stream != null && stream.isOpen();
  }

  /** How long news may still wait: for ever where there is none, not at all where it is due. */
  private long newsRestNanos(long now) {
    long committed = getRaftLog().getLastCommittedIndex();
    if (committed <= told) {
      return Long.MAX_VALUE;
    }
    if (committed != news) {
      news = committed;
      newsNanos = now;
    }
    boolean moreComes = senders.moreComes();
    if (!moreComes && now - askedNanos < ASKED_NANOS) {
      return 0;
    }
    boolean later = moreComes && newsNanos - sentNanos > 0;
    return Math.max(0, (later ? newsNanos : sentNanos) + NEWS_NANOS - now);
  }

  private void step() throws IOException, InterruptedException {
    boolean rests = restsUntilNanos - System.nanoTime() > 0;
    if (!isOpen()) {
      if (rests) {
        return;
      }
      told = NONE;
      stream = new AppendStream(senders.calls(), peer(), new Replies());
    } else if (sinceBeatMillis() > 2 * senders.heartbeat().toMillis()) {
      senders.beatLate();
    }
    if (getHeartbeatWaitTimeMs() <= 0) {
      send(true);
    }
    if (stream.isSilent(senders.patience())) {
      stream.close();
    } else if (!rests && !hasPendingDataRequests()) {
      proceed();
    }
  }

  private void proceed() throws IOException, InterruptedException {
    TermIndex due = shouldNotifyToInstallSnapshot();
    if (due != null) {
      restsUntilNanos = System.nanoTime() + REST_NANOS;
      notify(due);
    } else if (hasAppendEntries()) {
      send(false);
    } else if (newsRestNanos(System.nanoTime()) == 0) {
      send(true);
    }
  }

  private Peer peer() {
    return Peers.peer(getFollower().getPeer());
  }

  private void send(boolean heartbeat) throws RaftLogIOException {
    AppendEntriesRequestProto request =
        newAppendEntriesRequest(callIds.getAndIncrement(), heartbeat);
    if (request != null) {
      resetHeartbeatTrigger();
      if (!hasPendingDataRequests()) {
        // Beside entries under way, a heartbeat does not say what comes before it, and counts not.
        told = request.getLeaderCommit();
      }
      if (request.getEntriesCount() > 0) {
        sentNanos = System.nanoTime();
      }
      getFollower().updateLastRpcSendTime(request.getEntriesCount() == 0);
      stream.send(request);
    }
  }

  @Override
  public boolean hasPendingDataRequests() {
    return stream != null && stream.waitsForEntries();
  }

  @Override
  public long getHeartbeatWaitTimeMs() {
    long own = senders.heartbeat().toMillis() - sinceBeatMillis();
    return Math.max(0, Math.min(own, super.getHeartbeatWaitTimeMs()));
  }

  /** Since the last heartbeat, or answer, which makes the next one due later. */
  private long sinceBeatMillis() {
    long sinceAnswer = getFollower().getLastRpcResponseTime().elapsedTimeMs();
    long sinceHeartbeat = getFollower().getLastHeartbeatSendTime().elapsedTimeMs();
    return Math.min(sinceAnswer, sinceHeartbeat);
  }

  /** The follower has put a checkpoint in place, up to {@code index}, and waits to hear of it. */
  void inPlace(long index) {
    inPlace.set(index);
    notifyLogAppender();
  }

  /**
   * As Ratis, but for an index that the follower does not take for its own. It takes up to one
   * before the first entry here for enough, which this leader cannot append to, since it no longer
   * knows that entry's term; and, once it has begun, no lower index than it began with.
   */
  @Override
  public TermIndex shouldNotifyToInstallSnapshot() {
    TermIndex due = super.shouldNotifyToInstallSnapshot();
    long index = Math.max(inPlace.getAndSet(NONE), due == null ? NONE : due.getIndex() + 1);
    return index == NONE ? null : TermIndex.valueOf(getServer().getInfo().getCurrentTerm(), index);
  }

  /** Tells the follower that it needs a checkpoint, and waits for what it says to that. */
  private void notify(TermIndex firstAvailable) throws InterruptedException {
    getFollower().updateLastRpcSendTime(false);
    CompletableFuture<InstallSnapshotReplyProto> asked =
        senders
            .calls()
            .call(
                peer(),
                RaftServerProtocolServiceGrpc.getInstallSnapshotMethod(),
                newInstallSnapshotNotificationRequest(firstAvailable),
                senders.patience());
    try {
      answered(asked.get());
    } catch (ExecutionException e) {
      unreachable(e.getCause());
    }
  }

  /** Tells of the first failure only; what was to be sent is sent again. */
  private void unreachable(Throwable cause) {
    if (reachable) {
      reachable = false;
      LOG.atWarn()
          .addKeyValue("member", Long.toHexString(member))
          .addKeyValue("cause", cause.toString())
          .log("a member cannot be reached; it is tried again");
    }
  }

  private void reached() {
    getFollower().updateLastRpcResponseTime();
    if (!reachable) {
      reachable = true;
      LOG.atInfo().addKeyValue("member", Long.toHexString(member)).log("a member answers again");
    }
  }

  private void answered(InstallSnapshotReplyProto reply) {
    reached();
    FollowerInfo follower = getFollower();
    switch (reply.getResult()) {
      case NOT_LEADER -> onFollowerTerm(reply.getTerm());
      case SUCCESS, SNAPSHOT_UNAVAILABLE -> follower.setAttemptedToInstallSnapshot();
      case ALREADY_INSTALLED, SNAPSHOT_INSTALLED -> {
        follower.setSnapshotIndex(reply.getSnapshotIndex());
        follower.setAttemptedToInstallSnapshot();
        getLeaderState().onFollowerCommitIndex(follower, reply.getSnapshotIndex());
        follower.updateNextIndex(reply.getSnapshotIndex() + 1);
        restsUntilNanos = System.nanoTime();
      }
      case IN_PROGRESS -> {}
      default ->
          LOG.atWarn()
              .addKeyValue("follower", follower.getName())
              .addKeyValue("result", reply.getResult())
              .log("a follower does not take a checkpoint");
    }
  }

  /** What the follower answers; on the network's threads. */
  private final class Replies implements AppendStream.Replies {
    private int losses;

    @Override
    public void replied(AppendEntriesReplyProto reply, long firstIndex) {
      reached();
      FollowerInfo follower = getFollower();
      switch (reply.getResult()) {
        case SUCCESS -> succeeded(follower, reply);
        case NOT_LEADER -> onFollowerTerm(reply.getTerm());
        case INCONSISTENCY -> {
          follower.setNextIndex(getNextIndexForInconsistency(firstIndex, reply.getNextIndex()));
          watchForLoss(follower, reply.getNextIndex());
        }
        default -> throw new IllegalStateException("a follower answers with " + reply.getResult());
      }
      getLeaderState().onAppendEntriesReply(PromptAppender.this, reply);
    }

    /** Nothing mends that: what was acknowledged is not sent again. Said once for each stream. */
    private void watchForLoss(FollowerInfo follower, long nextIndex) {
      long matchIndex = follower.getMatchIndex();
      losses = nextIndex <= matchIndex ? losses + 1 : 0;
      if (losses == LOSSES) {
        LOG.atError()
            .addKeyValue("member", Long.toHexString(member))
            .addKeyValue("acknowledged", matchIndex)
            .addKeyValue("next", nextIndex)
            .log(
                "a member has lost entries of the log that it had acknowledged: its data directory"
                    + " is an old copy, or damaged; remove the member, and add it anew");
      }
    }

    private void succeeded(FollowerInfo follower, AppendEntriesReplyProto reply) {
      losses = 0;
      getLeaderState().onFollowerCommitIndex(follower, reply.getFollowerCommit());
      if (reply.getMatchIndex() != RaftLog.INVALID_LOG_INDEX
          && follower.updateMatchIndex(reply.getMatchIndex())) {
        follower.updateNextIndex(reply.getMatchIndex() + 1);
        getLeaderState().onFollowerSuccessAppendEntries(follower);
      }
    }

    @Override
    public void changed() {
      notifyLogAppender();
    }

    @Override
    public void failed(Throwable cause) {
      restsUntilNanos = System.nanoTime() + REST_NANOS;
      unreachable(cause);
      notifyLogAppender();
    }
  }
}
