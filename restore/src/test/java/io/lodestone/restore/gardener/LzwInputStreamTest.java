package io.lodestone.restore.gardener;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import java.util.zip.ZipException;
import org.junit.jupiter.api.Test;

/** What Go's writer of LZW has written is read back. */
final class LzwInputStreamTest {
  /** "TOBEORNOTTOBEORTOBEORNOT", as Go's own tests of that format have it. */
  private static final String TO_BE = "549e0829f2448a9327540412" + "34b8b0e0c1840101";

  private static byte[] read(byte[] compressed) throws IOException {
    try (LzwInputStream in = new LzwInputStream(new ByteArrayInputStream(compressed))) {
      return in.readAllBytes();
    }
  }

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text);
  }

  @Test
  void knownExamplesAreRead() throws Exception {
    assertThat(read(hex("0101"))).isEmpty();
    assertThat(read(hex(TO_BE))).isEqualTo("TOBEORNOTTOBEORTOBEORNOT".getBytes(US_ASCII));
    assertThat(read(hex("0051fc1b2870a0c1830101")))
        .isEqualTo(hex("28ffffff28ffffffffffffffffffff"));
  }

  @Test
  void muchMoreThanThereAreCodesIsReadWhateverItIs() throws Exception {
    Random random = new Random(3);
    for (int letters : new int[] {1, 2, 7, 256}) {
      byte[] plain = new byte[60_000];
      for (int i = 0; i < plain.length; i++) {
        plain[i] = (byte) random.nextInt(letters);
      }
      assertThat(read(compress(plain))).as("%d letters", letters).isEqualTo(plain);
    }
  }

  @Test
  void whatIsCutOffOrNonsenseIsAFailure() {
    byte[] whole = hex(TO_BE);
    assertThatThrownBy(() -> read(Arrays.copyOf(whole, 11))).isInstanceOf(EOFException.class);
    assertThatThrownBy(() -> read(hex("ffffff"))).isInstanceOf(ZipException.class);
  }

  /** As Go's writer does: begins anew, with a mark, when no code is left. */
  private static byte[] compress(byte[] plain) {
    Codes codes = new Codes();
    codes.write(256);
    Map<Integer, Integer> known = new HashMap<>();
    int code = plain[0] & 0xff;
    for (int i = 1; i < plain.length; i++) {
      int letter = plain[i] & 0xff;
      Integer longer = known.get(code << 8 | letter);
      if (longer != null) {
        code = longer;
        continue;
      }
      codes.write(code);
      if (codes.next()) {
        known.put(code << 8 | letter, codes.newest);
      } else {
        known.clear();
      }
      code = letter;
    }
    codes.write(code);
    boolean unused = codes.next();
    return codes.end();
  }

  private static final class Codes {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private int newest = 257;
    private int width = 9;
    private long bits;
    private int bitCount;

    void write(int code) {
      bits |= (long) code << bitCount;
      bitCount += width;
      while (bitCount >= 8) {
        out.write((int) bits & 0xff);
        bits >>>= 8;
        bitCount -= 8;
      }
    }

    /** False where all begins anew. */
    boolean next() {
      newest++;
      width += newest == 1 << width ? 1 : 0;
      if (newest < 4095) {
        return true;
      }
      write(256);
      newest = 257;
      width = 9;
      return false;
    }

    byte[] end() {
      write(257);
      if (bitCount > 0) {
        out.write((int) bits & 0xff);
      }
      return out.toByteArray();
    }
  }
}
