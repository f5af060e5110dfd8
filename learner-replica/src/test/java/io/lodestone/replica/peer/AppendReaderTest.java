package io.lodestone.replica.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.lodestone.api.raftpb.Entry;
import io.lodestone.api.raftpb.Message;
import io.lodestone.api.raftpb.MessageType;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** The stream of appended entries, and lengths that somebody made up. */
final class AppendReaderTest {
  private static final long FROM = 1;
  private static final long TO = 2;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final DataOutputStream out = new DataOutputStream(bytes);

  private AppendReader reader() {
    return new AppendReader(
        new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())), FROM, TO);
  }

  private static Entry entry(long index) {
    return Entry.newBuilder().setTerm(5).setIndex(index).build();
  }

  @Test
  void whatIsLeftOutFollowsFromTheMessageBefore() throws IOException {
    Message whole =
        Message.newBuilder()
            .setType(MessageType.MsgApp)
            .setFrom(FROM)
            .setTo(TO)
            .setTerm(5)
            .setLogTerm(4)
            .setIndex(7)
            .addEntries(entry(8))
            .setCommit(7)
            .build();
    out.writeByte(2);
    out.write(Frames.of(whole));
    out.writeByte(0);
    for (long index = 9; index <= 10; index++) {
      out.writeByte(1);
      out.writeLong(1);
      byte[] entry = entry(index).toByteArray();
      out.writeLong(entry.length);
      out.write(entry);
      out.writeLong(index - 1);
    }
    AppendReader reader = reader();
    assertThat(reader.next()).isEqualTo(whole);
    assertThat(StreamKind.isHeartbeat(reader.next())).isTrue();
    for (long index = 9; index <= 10; index++) {
      assertThat(reader.next())
          .isEqualTo(
              Message.newBuilder()
                  .setType(MessageType.MsgApp)
                  .setFrom(FROM)
                  .setTo(TO)
                  .setTerm(5)
                  .setLogTerm(5)
                  .setIndex(index - 1)
                  .addEntries(entry(index))
                  .setCommit(index - 1)
                  .build());
    }
    assertThatThrownBy(reader::next).isInstanceOf(EOFException.class);
  }

  @Test
  void aLengthBeyondAllMessagesIsRefused() throws IOException {
    for (long length : new long[] {Frames.MOST_BYTES + 1L, Long.MAX_VALUE, -1}) {
      bytes.reset();
      out.writeByte(2);
      out.writeLong(length);
      assertThatThrownBy(() -> reader().next())
          .isInstanceOf(IOException.class)
          .hasMessageContaining("a member sent a message of " + Long.toUnsignedString(length));
    }
  }

  @Test
  void entriesWithoutEndAreRefused() throws IOException {
    out.writeByte(1);
    out.writeLong(-1);
    byte[] large = new byte[1 << 20];
    Entry entry = Entry.newBuilder().setData(ByteString.copyFrom(large)).build();
    for (int i = 0; i < 70; i++) {
      out.writeLong(entry.getSerializedSize());
      entry.writeTo(out);
    }
    assertThatThrownBy(() -> reader().next())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("a member sent a message of");
  }

  @Test
  void aMessageThatEndsEarlyTakesNoMoreMemoryThanItHas() throws IOException {
    out.writeByte(2);
    out.writeLong(Frames.MOST_BYTES);
    out.write(new byte[3]);
    assertThatThrownBy(() -> reader().next())
        .isInstanceOf(EOFException.class)
        .hasMessageContaining("after 3 of");
  }

  @Test
  void anUnknownFormIsRefused() throws IOException {
    out.writeByte(3);
    assertThatThrownBy(() -> reader().next()).hasMessageContaining("unknown form 3");
  }
}
