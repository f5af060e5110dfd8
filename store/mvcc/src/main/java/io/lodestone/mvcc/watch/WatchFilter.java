package io.lodestone.mvcc.watch;

/** Events that a watcher does not want. */
public enum WatchFilter {
  NO_PUT,
  NO_DELETE
}
