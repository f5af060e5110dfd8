package io.lodestone.migrate;

import io.lodestone.revisions.StreamItem;
import java.io.IOException;

/**
 * What takes the source's revisions as they come: a destination that repeats them, or the data of
 * one that is not started yet. Confined to one thread.
 */
interface Receiver {

  /** Takes the next item of the source's stream. */
  void accept(StreamItem item) throws IOException, InterruptedException;

  /** When this returns, whatever was accepted is where it belongs. */
  void settle() throws IOException, InterruptedException;

  /** The last revision that is there, whole; 0 for none. */
  long revision();

  /** How many leases are kept alive at the destination. */
  int leases();
}
