package io.lodestone.replica.peer;

import io.lodestone.api.raftpb.Message;
import java.io.IOException;

/** Reads what a member says on one stream. Confined to one thread. */
@FunctionalInterface
interface MessageReader {
  /** Waits for the next message; fails with an EOFException where the stream ends. */
  Message next() throws IOException;
}
