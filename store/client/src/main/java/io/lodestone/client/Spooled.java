package io.lodestone.client;

import io.lodestone.revisions.StreamItem;

/** What waits between the thread that watches and the one that reads the stream. */
sealed interface Spooled {

  /** An item of the tail. */
  record Item(StreamItem item) implements Spooled {}

  /** From here on the reader needs this base first. */
  record Base(PendingBase base) implements Spooled {}
}
