package io.lodestone.raft;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/**
 * What is replicated: it applies commands in the log's order, the same on every member, and answers
 * each with an {@code R}. What it does depends on nothing but the commands.
 *
 * <p>Commands are counted from 1 on, over the whole life of the cluster; the last one that was
 * applied is {@link #appliedIndex}, which is stored together with what it changed, in one write. A
 * write need not be on disk when {@link #apply} returns, for the log has it; but a crash must leave
 * the state of some moment, whole.
 */
public interface ReplicatedState<R> {
  /** The last command of the state as it stands; 0 for none. Thread-safe. */
  long appliedIndex();

  /**
   * Applies commands in order; the first is number {@code index}, which follows {@link
   * #appliedIndex}. Returns the results in the same order, and the change is visible then. One call
   * at a time. If it throws, the member stops: better down than diverged.
   *
   * @param term the term of the leader that proposed them
   */
  List<R> apply(long index, long term, List<ByteBuffer> commands) throws IOException;

  /** When this returns, everything applied before the call is on disk. */
  void sync() throws IOException;

  /**
   * Copies the state, as of any moment between the call and its return, into the directory {@code
   * into}, which does not exist yet: plain files, in directories of any depth. {@link #apply} may
   * be called meanwhile.
   */
  void checkpoint(Path into) throws IOException;

  /**
   * Takes the place of the state by what another member's {@link #checkpoint} has written into
   * {@code from}; when it returns that is on disk and visible. A crash meanwhile leaves the old or
   * the new state, or one that {@code install} is asked for again before anything is read. May move
   * or link the files; {@code from} is deleted afterwards. No other call is under way.
   */
  void install(Path from) throws IOException;
}
