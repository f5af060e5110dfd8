package io.lodestone.replica.peer;

import io.lodestone.api.raftpb.Entry;
import io.lodestone.api.raftpb.Message;
import io.lodestone.api.raftpb.MessageType;
import java.io.DataInputStream;
import java.io.IOException;

/**
 * Reads the stream of appended entries, in which what follows from the message before is left out.
 *
 * <pre>{@code
 * u8 0                                                          a sign of life
 * u8 1 | count u64 | count x (length u64 | Entry) | commit u64  entries behind those of the last message,
 *                                                               all of one term, which was that message's
 * u8 2 | length u64 | Message                                   a whole one
 * }</pre>
 *
 * Numbers are big endian. Confined to one thread.
 */
final class AppendReader implements MessageReader {
  static final byte HEARTBEAT = 0;
  private static final byte ENTRIES = 1;
  private static final byte WHOLE = 2;

  private final DataInputStream in;
  private final long from;
  private final long to;
  private long term;
  private long index;

  AppendReader(DataInputStream in, long from, long to) {
    this.in = in;
    this.from = from;
    this.to = to;
  }

  @Override
  public Message next() throws IOException {
    byte type = in.readByte();
    return switch (type) {
      case HEARTBEAT -> Message.newBuilder().setType(MessageType.MsgHeartbeat).build();
      case ENTRIES -> entries();
      case WHOLE -> whole();
      default -> throw new IOException("a member sent a message of the unknown form " + type);
    };
  }

  private Message entries() throws IOException {
    Message.Builder message =
        Message.newBuilder()
            .setType(MessageType.MsgApp)
            .setFrom(from)
            .setTo(to)
            .setTerm(term)
            .setLogTerm(term)
            .setIndex(index);
    long room = Frames.MOST_BYTES;
    for (long left = in.readLong(); left != 0; left--) {
      Entry entry = Frames.read(in, Entry.parser(), room);
      room -= Long.BYTES + entry.getSerializedSize();
      message.addEntries(entry);
      index++;
    }
    return message.setCommit(in.readLong()).build();
  }

  private Message whole() throws IOException {
    Message message = Frames.read(in, Message.parser(), Frames.MOST_BYTES);
    term = message.getTerm();
    int count = message.getEntriesCount();
    index = count == 0 ? message.getIndex() : message.getEntries(count - 1).getIndex();
    return message;
  }
}
