package io.lodestone.backup;

import io.lodestone.repository.Lineage;
import java.time.Instant;

/** Told what an agent does, on the agent's thread; must not block. */
public interface AgentListener {
  AgentListener SILENT = new AgentListener() {};

  /**
   * The agent holds {@code lineage} and writes behind the end of its log.
   *
   * @param revision the last durable one; 0 where there is no base yet
   */
  default void writing(Lineage lineage, long revision) {}

  /** So many records have been captured since the agent began. */
  default void captured(long records) {}

  /** Everything up to {@code revision} has arrived, and waits to become durable. */
  default void complete(long revision) {}

  /**
   * Everything up to {@code revision} is durable, and was all there was at {@code at}.
   *
   * @param waitingBytes of changes that the agent has not come to yet
   */
  default void durable(long revision, Instant at, long waitingBytes) {}

  /** A base is durable. */
  default void base(long revision) {}
}
