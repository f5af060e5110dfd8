package io.lodestone.raft.ratis;

import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLog;

/**
 * A place in the log, and how many commands there are up to it.
 *
 * @param index of the entry; {@link RaftLog#INVALID_LOG_INDEX} before the first
 * @param commands of the whole log up to and with the entry; {@link #UNKNOWN} where a member waits
 *     to be told
 */
record Position(long term, long index, long commands) {
  static final long UNKNOWN = -1;

  /** Before the log's first entry, with a state that has applied {@code commands}. */
  static Position beforeLog(long commands) {
    return new Position(0, RaftLog.INVALID_LOG_INDEX, commands);
  }

  TermIndex termIndex() {
    return TermIndex.valueOf(term, index);
  }

  boolean isBeforeLog() {
    return index == RaftLog.INVALID_LOG_INDEX;
  }
}
