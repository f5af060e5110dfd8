package io.lodestone.backup;

/** Told what an agent does, on the agent's thread; must not block. */
public interface AgentListener {
  AgentListener SILENT = new AgentListener() {};

  /** So many records have been captured since the agent began. */
  default void captured(long records) {}

  /** Everything up to {@code revision} is durable. */
  default void durable(long revision) {}
}
