package io.lodestone.mvcc;

/** Who makes a batch survive a crash. */
public enum Durability {
  /** The engine: when apply returns, the batch is on disk. */
  SYNCED,
  /** The log above the engine, which repeats what was lost behind {@link Engine#appliedIndex}. */
  BY_LOG
}
