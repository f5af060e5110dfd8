package io.lodestone.raft.ratis;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A command as it stands in the log, behind the id that its proposer knows it by; an entry of the
 * log is a version and any number of these, one behind the other: docs/formats/raft.md. The id says
 * who waits for the answer, and nothing about what is applied: a command is never proposed twice.
 *
 * @param session of the proposing member's run; random
 * @param sequence of the command in that run
 */
record Command(long session, long sequence, ByteBuffer content) {
  private static final byte VERSION = 1;
  private static final int HEADER_BYTES = 2 * Long.BYTES + Integer.BYTES;

  byte[] encoded() {
    ByteBuffer source = content.duplicate();
    ByteBuffer out = ByteBuffer.allocate(HEADER_BYTES + source.remaining());
    out.putLong(session).putLong(sequence).putInt(source.remaining()).put(source);
    return out.array();
  }

  /** One entry out of encoded commands. */
  static byte[] entry(List<byte[]> commands, int sizeBytes) {
    ByteBuffer out = ByteBuffer.allocate(1 + sizeBytes).put(VERSION);
    commands.forEach(out::put);
    return out.array();
  }

  /** The commands of an entry, in order; their contents are parts of {@code entry}. */
  static List<Command> commands(ByteBuffer entry) {
    byte version = entry.get();
    if (version != VERSION) {
      throw new IllegalStateException(
          "an entry of version " + version + ", newer than this program");
    }
    List<Command> commands = new ArrayList<>();
    while (entry.hasRemaining()) {
      long session = entry.getLong();
      long sequence = entry.getLong();
      int length = entry.getInt();
      commands.add(new Command(session, sequence, entry.slice(entry.position(), length)));
      entry.position(entry.position() + length);
    }
    return commands;
  }
}
