package io.lodestone.restore.gardener;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.ZipException;

/**
 * Decompresses LZW as GIF and Go's {@code compress/lzw} write it: codes of 9 to 12 bits, lowest bit
 * first, 256 to begin anew, 257 at the end. This is not what Unix' {@code compress} writes,
 * although the names of such objects end as if it were. Confined to one thread.
 */
final class LzwInputStream extends InputStream {
  private static final int CLEAR = 256;
  private static final int END = 257;
  private static final int FIRST_WIDTH = 9;
  private static final int LAST_WIDTH = 12;
  private static final int NONE = -1;

  private final InputStream in;
  private final int[] prefix = new int[1 << LAST_WIDTH];
  private final byte[] suffix = new byte[1 << LAST_WIDTH];

  /** What one code stands for, at its end. */
  private final byte[] expanded = new byte[1 << LAST_WIDTH];

  private int next = expanded.length;

  /** The newest code that has a meaning, or is given one by the code to come. */
  private int newest = END;

  private int width = FIRST_WIDTH;
  private int last = NONE;
  private int bits;
  private int bitCount;
  private boolean over;

  /**
   * @param in closed with this one
   */
  LzwInputStream(InputStream in) {
    this.in = in;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int from, int length) throws IOException {
    while (next == expanded.length && !over && length > 0) {
      take(nextCode());
    }
    int count = Math.min(length, expanded.length - next);
    if (count == 0 && length > 0) {
      return -1;
    }
    System.arraycopy(expanded, next, target, from, count);
    next += count;
    return count;
  }

  private int nextCode() throws IOException {
    while (bitCount < width) {
      int read = in.read();
      if (read < 0) {
        throw new EOFException("it ends without the mark of its end");
      }
      bits |= read << bitCount;
      bitCount += 8;
    }
    int code = bits & ((1 << width) - 1);
    bits >>>= width;
    bitCount -= width;
    return code;
  }

  private void take(int code) throws ZipException {
    if (code == END) {
      over = true;
    } else if (code == CLEAR) {
      newest = END;
      width = FIRST_WIDTH;
      last = NONE;
    } else {
      expand(code);
      last = code;
      grow();
    }
  }

  /** Also gives {@link #newest} its meaning: what the last code stood for, and one byte more. */
  private void expand(int code) throws ZipException {
    boolean repeats = code == newest && last != NONE && code > END;
    if (code > newest || (code > END && code == newest && !repeats)) {
      throw new ZipException("code " + code + " has no meaning yet");
    }
    next = expanded.length;
    int rest = repeats ? last : code;
    next -= repeats ? 1 : 0;
    while (rest > END) {
      expanded[--next] = suffix[rest];
      rest = prefix[rest];
    }
    expanded[--next] = (byte) rest;
    if (repeats) {
      expanded[expanded.length - 1] = (byte) rest;
    }
    if (last != NONE) {
      prefix[newest] = last;
      suffix[newest] = (byte) rest;
    }
  }

  /** Where no code is left, those that there are stay as they are until all begins anew. */
  private void grow() {
    newest++;
    if (newest < 1 << width) {
      return;
    }
    if (width < LAST_WIDTH) {
      width++;
    } else {
      last = NONE;
      newest--;
    }
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
