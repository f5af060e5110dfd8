package io.lodestone.replica.peer;

import io.lodestone.api.LodestoneException;
import io.lodestone.api.raftpb.Message;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;

/** What other members have brought. Immutable, but for the future. */
public sealed interface Arrival {

  /** A message of Raft. */
  record Said(Message message) implements Arrival {}

  /**
   * A database, whole, for the state at the end of the log that {@code message} names. The leader
   * waits, and keeps its log, until {@code taken} completes; the file is gone then.
   */
  record Database(Message message, Path file, CompletableFuture<Void> taken) implements Arrival {}

  /** A database could not be kept, as a person must see. */
  record Unkept(LodestoneException why) implements Arrival {}

  /** The member {@code by} says that we are no member any more. */
  record Expelled(long by) implements Arrival {}
}
