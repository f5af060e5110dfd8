package io.lodestone.replica.raft;

import com.google.protobuf.ByteString;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.raftpb.Entry;
import io.lodestone.api.raftpb.EntryType;
import io.lodestone.api.raftpb.Message;
import io.lodestone.api.raftpb.MessageType;
import java.util.List;
import java.util.Optional;

/**
 * A member of a Raft group that never votes and never leads. It takes what the leader sends and
 * hands out what is committed, in order; what is not committed is held in memory and may be
 * forgotten at any time. Confined to one thread.
 *
 * <p>What differs from Raft's follower: an acknowledgement names the last entry that is
 * <em>applied</em> and on disk, where a follower names the last one it has. The leader counts
 * learners for nothing, so it is late by one message and otherwise the same. Whoever asks for a
 * vote gets no answer.
 *
 * <p>Where it was promoted by mistake, the leader may be unable to commit anything without it, not
 * even its removal. Then it acknowledges what it has in memory, as a follower does. Whoever is
 * elected has all that was committed so: without our vote, it has those of more members than may
 * lack an entry that has ours.
 *
 * <pre>{@code
 * learner.step(message).ifPresent(reply -> send(reply));
 * List<Entry> entries = learner.committed(mostBytes);      // apply them, then
 * learner.applied(lastOfThem);                             // sync them, now or later, then
 * learner.synced(lastOfThem);
 * learner.acknowledgement().ifPresent(ack -> send(ack));
 * }</pre>
 */
public final class Learner {
  /** What is not committed is not taken beyond this; the leader sends it again. */
  private static final long MOST_UNAPPLIED_BYTES = 64 << 20;

  private final long id;
  private Unapplied log;
  private long term;
  private long leader;
  private long commit;
  private long told;
  private long matched;
  private long synced;

  /** Whether the leader waits to hear from us, and whether there is more to tell than before. */
  private boolean owes;

  private boolean owesMore;
  private boolean promoted;

  /** {@code applied} is what an earlier run has applied. */
  public Learner(long id, Position applied) {
    this.id = id;
    restart(applied);
  }

  /** Everything up to {@code applied} is on disk, by a snapshot; what was in memory is gone. */
  public void restart(Position applied) {
    log = new Unapplied(applied);
    term = Math.max(term, applied.term());
    commit = applied.index();
    matched = applied.index();
    synced = applied.index();
    owes = leader != 0;
  }

  /** The cluster counts on us. */
  public void promoted() {
    promoted = true;
    owes = leader != 0;
  }

  /** Takes a message, and returns what it has to be answered with now. */
  public Optional<Message> step(Message message) {
    return switch (message.getType()) {
      case MsgApp -> ofLeader(message) ? append(message) : stale(message);
      case MsgHeartbeat -> ofLeader(message) ? Optional.of(heartbeat(message)) : stale(message);
      default -> Optional.empty();
    };
  }

  /** Whether a snapshot that ends at {@code position} has anything new. */
  public boolean wants(Message snapshot, Position position) {
    return ofLeader(snapshot) && position.index() > log.before().index();
  }

  /** Whoever sends these is the leader of its term; of an older term, nobody any more. */
  private boolean ofLeader(Message message) {
    if (message.getTerm() < term) {
      return false;
    }
    if (message.getTerm() > term) {
      matched = log.before().index();
    }
    term = message.getTerm();
    leader = message.getFrom();
    return true;
  }

  private Optional<Message> stale(Message message) {
    return Optional.of(
        Message.newBuilder()
            .setType(MessageType.MsgAppResp)
            .setTo(message.getFrom())
            .setFrom(id)
            .setTerm(term)
            .build());
  }

  /**
   * A leader tells commits only up to what it believes we have acknowledged.
   *
   * @throws LodestoneException where that is more than what there is
   */
  private Message heartbeat(Message message) {
    if (message.getCommit() > log.before().index() && !promoted) {
      throw new LodestoneException(
          "the cluster knows that this replica had entry "
              + message.getCommit()
              + " of its log, but the data directory ends at entry "
              + log.before().index(),
          "the directory was restored, or lost: run lodestone replica leave, then start again");
    }
    return reply(MessageType.MsgHeartbeatResp).setContext(message.getContext()).build();
  }

  private Optional<Message> append(Message message) {
    told = Math.max(told, message.getCommit());
    Position previous = new Position(message.getIndex(), message.getLogTerm());
    requireSame(previous);
    if (previous.index() > log.before().index() && !log.holds(previous)) {
      return Optional.of(rejection(previous));
    }
    if (log.sizeBytes() > MOST_UNAPPLIED_BYTES || !isUnbroken(message)) {
      return Optional.empty();
    }
    for (Entry entry : message.getEntriesList()) {
      Position position = new Position(entry.getIndex(), entry.getTerm());
      requireSame(position);
      if (position.index() > log.before().index()) {
        log.put(entry);
      }
    }
    long last = previous.index() + message.getEntriesCount();
    commit = Math.max(commit, Math.min(message.getCommit(), last));
    matched = last;
    owes = true;
    return Optional.empty();
  }

  private static boolean isUnbroken(Message message) {
    long index = message.getIndex();
    for (Entry entry : message.getEntriesList()) {
      index++;
      if (entry.getIndex() != index) {
        return false;
      }
    }
    return true;
  }

  /** What is committed never changes, as far back as it is remembered. */
  private void requireSame(Position told) {
    boolean remembered = told.index() >= log.before().index() && told.index() <= commit;
    if (remembered && !log.holds(told)) {
      throw new LodestoneException(
          "entry "
              + told.index()
              + " of the cluster's log is of term "
              + told.term()
              + ", which is not what this replica knows to be committed there",
          "the cluster was restored, or rebuilt, behind our back; to copy it as it is now, start again"
              + " with an empty --data-dir");
    }
  }

  /** The leader goes on behind the hint, which is where both surely agree. */
  private Message rejection(Position refused) {
    return reply(MessageType.MsgAppResp)
        .setIndex(refused.index())
        .setReject(true)
        .setRejectHint(log.before().index())
        .setLogTerm(log.before().term())
        .build();
  }

  /** Committed entries that are to be applied next, about {@code mostBytes} of them. */
  public List<Entry> committed(long mostBytes) {
    return log.first(commit, mostBytes);
  }

  /** Everything up to {@code position} is applied. */
  public void applied(Position position) {
    log.applied(position);
  }

  /** Everything up to {@code position} is on disk as well. */
  public void synced(Position position) {
    synced = position.index();
    owes = leader != 0;
    owesMore = true;
  }

  /** Whether all that is applied is on disk. */
  public boolean isSynced() {
    return synced == log.before().index();
  }

  /** Tells the leader how far we are, where it does not know, and nothing better will come soon. */
  public Optional<Message> acknowledgement() {
    if (!owes || !(isSynced() || owesMore || promoted)) {
      return Optional.empty();
    }
    owes = false;
    owesMore = false;
    long index = promoted ? Math.max(matched, synced) : synced;
    return Optional.of(reply(MessageType.MsgAppResp).setIndex(index).build());
  }

  private Message.Builder reply(MessageType type) {
    return Message.newBuilder().setType(type).setTo(leader).setFrom(id).setTerm(term);
  }

  /** Has the leader propose {@code request}, where one is known; the log will tell, or not. */
  public Optional<Message> proposal(ByteString request) {
    return leader == 0
        ? Optional.empty()
        : Optional.of(
            Message.newBuilder()
                .setType(MessageType.MsgProp)
                .setTo(leader)
                .setFrom(id)
                .addEntries(
                    Entry.newBuilder().setType(EntryType.EntryNormal).setData(request).build())
                .build());
  }

  /** Whether all is applied that a leader has told to be committed; false before it has. */
  public boolean isCurrent() {
    return told > 0 && log.before().index() >= told;
  }

  /** The last entry that is applied. */
  public Position position() {
    return log.before();
  }
}
