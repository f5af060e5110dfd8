package io.lodestone.repository.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import com.google.protobuf.ByteString;
import io.lodestone.api.CorruptDataException;
import io.lodestone.api.LeaseId;
import io.lodestone.api.LodestoneException;
import io.lodestone.api.Revision;
import io.lodestone.api.UnsupportedFormatException;
import io.lodestone.api.authpb.User;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.Complete;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Objects whose hashes are right and whose content lies: made by an enemy, not by an accident. */
final class HostileObjectTest {
  private static final String NAME = "lineages/1/parts/x/000001";

  @Test
  void whatWasSealedIsOpened() throws Exception {
    List<StreamItem> items = someItems();
    assertThat(
            items(
                SealedObject.part(ContentCipher.NONE, header(frames(items)), frames(items))
                    .bytes()))
        .isEqualTo(items);
  }

  @Test
  void aLongerItemThanAFrameGetsAFrameOfItsOwn() throws Exception {
    ByteString large = ByteString.copyFrom(new byte[3 << 20]);
    List<StreamItem> items = new ArrayList<>(someItems());
    items.add(new RevisionRecord(new Revision(900, 0), false, large));
    items.add(new RevisionRecord(new Revision(901, 0), true, ByteString.EMPTY));
    Frames frames = frames(items);
    assertThat(frames.count()).isEqualTo(3);
    assertThat(items(SealedObject.part(ContentCipher.NONE, header(frames), frames).bytes()))
        .isEqualTo(items);
  }

  @Test
  void anItemThatNoReaderWouldTakeIsNotWritten() {
    ByteString huge = ByteString.copyFrom(new byte[Frames.MAX_PLAIN_BYTES]);
    try (FrameWriter writer = new FrameWriter(Frames.TARGET_BYTES, 1)) {
      assertThatThrownBy(() -> writer.add(new RevisionRecord(new Revision(1, 0), false, huge)))
          .isInstanceOf(LodestoneException.class)
          .hasMessageContaining("too long for the repository");
    }
  }

  @Test
  void aNewerVersionIsUnsupportedAndNotCorrupt() {
    byte[] bytes = sealed(frames(someItems())).toByteArray();
    ByteBuffer.wrap(bytes).putInt(8, SealedObject.NEWEST_VERSION + 1);
    assertThatThrownBy(() -> items(ByteString.copyFrom(bytes)))
        .isInstanceOf(UnsupportedFormatException.class)
        .hasMessageContaining("has format version " + (SealedObject.NEWEST_VERSION + 1));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, Integer.MIN_VALUE, Integer.MAX_VALUE, (8 << 20) + 1})
  void aHeaderLengthIsCheckedBeforeAnythingIsAllocated(int length) {
    byte[] bytes = sealed(frames(someItems())).toByteArray();
    ByteBuffer.wrap(bytes).putInt(12, length);
    assertThatThrownBy(() -> items(ByteString.copyFrom(bytes)))
        .isInstanceOf(CorruptDataException.class)
        .hasMessageContaining("it says its header has");
  }

  @Test
  void aSizeAboveTheLimitIsRefusedBeforeAnythingIsAllocated() {
    ContentFacts facts = new ContentFacts(1, 1L << 40, 1, 1, 1);
    Frames frames = frames(someItems());
    ByteString bytes = SealedObject.part(ContentCipher.NONE, header(facts), frames).bytes();
    assertThatThrownBy(() -> items(bytes))
        .isInstanceOf(CorruptDataException.class)
        .hasMessageContaining("it says it has 10995");
  }

  @Test
  void aFrameThatUnpacksToMoreThanItSaysIsRefused() {
    byte[] bomb = Zstd.compress(new byte[40 << 20], 1);
    assertThat(bomb.length).isLessThan(50_000);
    assertThatThrownBy(() -> items(sealed(frame(bomb, 1 << 20))))
        .isInstanceOf(CorruptDataException.class)
        .hasMessageContaining("does not unpack to the 1048576 bytes it says");
    assertThatThrownBy(() -> items(sealed(frame(bomb, 40 << 20))))
        .isInstanceOf(CorruptDataException.class)
        .hasMessageContaining("says it unpacks to 41943040 bytes");
  }

  @Test
  void aFrameThatUnpacksToLessThanItSaysIsRefused() {
    byte[] packed = Zstd.compress(new byte[100]);
    assertThatThrownBy(() -> items(sealed(frame(packed, 101))))
        .isInstanceOf(CorruptDataException.class)
        .hasMessageContaining("unpacks to 100 bytes and says 101");
  }

  @Test
  void countsThatDoNotAgreeAreRefused() {
    Frames frames = frames(someItems());
    ContentFacts honest = ContentFacts.of(frames);
    for (int lie = 0; lie < 4; lie++) {
      ContentFacts facts =
          new ContentFacts(
              honest.frames() + (lie == 0 ? 1 : 0),
              honest.bytes(),
              honest.records() + (lie == 1 ? 1 : 0),
              honest.items() + (lie == 2 ? 1 : 0),
              honest.uncompressedBytes() + (lie == 3 ? 1 : 0));
      ByteString bytes = SealedObject.part(ContentCipher.NONE, header(facts), frames).bytes();
      assertThatThrownBy(() -> items(bytes))
          .isInstanceOf(CorruptDataException.class)
          .hasMessageContaining("its frames add up to");
    }
  }

  @Test
  void anyPlainBytesGiveItemsOrACorruptDataException() throws Exception {
    byte[] honest = plain(frames(someItems()));
    Random random = new Random(7);
    for (int round = 0; round < 5_000; round++) {
      byte[] plain = honest.clone();
      for (int i = 0; i <= random.nextInt(3); i++) {
        plain[random.nextInt(plain.length)] = (byte) random.nextInt(256);
      }
      try {
        items(sealed(frame(Zstd.compress(plain, 1), plain.length)));
      } catch (CorruptDataException e) {
        assertThat(e).hasMessageContaining(NAME + ", offset ");
      }
    }
  }

  @Test
  void anyHeaderGivesAnObjectOrALodestoneException() throws Exception {
    Frames frames = frames(someItems());
    byte[] honest =
        SealedObject.part(ContentCipher.NONE, header(frames), frames).bytes().toByteArray();
    int headerEnd = 16 + ByteBuffer.wrap(honest).getInt(12);
    Random random = new Random(8);
    for (int round = 0; round < 2_000; round++) {
      byte[] bytes = honest.clone();
      bytes[random.nextInt(headerEnd)] = (byte) random.nextInt(256);
      CRC32C crc = new CRC32C();
      crc.update(bytes, 0, headerEnd);
      ByteBuffer.wrap(bytes).putInt(headerEnd, (int) crc.getValue());
      try {
        items(ByteString.copyFrom(bytes));
      } catch (LodestoneException e) {
        assertThat(e).hasMessageContaining(NAME);
      }
    }
  }

  private static List<StreamItem> someItems() {
    List<StreamItem> items = new ArrayList<>();
    for (int i = 1; i < 20; i++) {
      ByteString value = ByteString.copyFromUtf8("value " + i);
      items.add(new RevisionRecord(new Revision(100 + i, i), i % 3 == 0, value));
      items.add(new Complete(100 + i, Instant.ofEpochSecond(1_700_000_000 - i, i)));
    }
    items.add(new StreamItem.Compaction(-1, -1));
    items.add(new StreamItem.LeaseState(new LeaseId(-5), 60, 0));
    items.add(new StreamItem.LeaseGone(new LeaseId(Long.MIN_VALUE)));
    items.add(new StreamItem.AuthState(true, 3));
    items.add(
        new StreamItem.UserState(
            User.newBuilder().setName(ByteString.copyFromUtf8("root")).build()));
    return items;
  }

  private static Frames frames(List<StreamItem> items) {
    try (FrameWriter writer = new FrameWriter(Frames.TARGET_BYTES, 1)) {
      items.forEach(writer::add);
      return writer.take();
    }
  }

  private static byte[] plain(Frames frames) {
    byte[] frame = frames.bytes().toByteArray();
    byte[] packed = Arrays.copyOfRange(frame, Frames.HEADER_LENGTH, frame.length);
    return Zstd.decompress(packed, ByteBuffer.wrap(frame).getInt(4));
  }

  /** One frame with a right checksum. */
  private static Frames frame(byte[] packed, int plainLength) {
    byte[] frame = new byte[Frames.HEADER_LENGTH + packed.length];
    System.arraycopy(packed, 0, frame, Frames.HEADER_LENGTH, packed.length);
    ByteBuffer header = ByteBuffer.wrap(frame).putInt(packed.length).putInt(plainLength);
    header.putInt(FrameWriter.checksum(new CRC32C(), frame, 0, packed.length));
    return new Frames(ByteString.copyFrom(frame), 1, 0, 0, plainLength);
  }

  private static ByteString sealed(Frames frames) {
    return SealedObject.part(ContentCipher.NONE, header(frames), frames).bytes();
  }

  private static PartHeader header(Frames frames) {
    return header(ContentFacts.of(frames));
  }

  private static PartHeader header(ContentFacts facts) {
    return new PartHeader("0000000000000001-1", "x", 1, facts, Optional.empty());
  }

  private static List<StreamItem> items(ByteString object) throws IOException {
    List<StreamItem> items = new ArrayList<>();
    try (FrameReader frames =
        OpenedObject.part(NAME, object.newInput(), ContentCipher.NONE).frames()) {
      for (Optional<StreamItem> i = frames.next(); i.isPresent(); i = frames.next()) {
        items.add(i.get());
      }
    }
    return items;
  }
}
