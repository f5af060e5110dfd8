package io.lodestone.repository;

import com.google.common.hash.HashFunction;
import com.google.common.hash.Hashing;
import com.google.protobuf.ByteString;
import io.lodestone.api.LodestoneException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * Finds out which rows of a scan are the last of their key. Rows are numbered as they come; keys
 * are told apart by 128 keyed hash bits. Memory: 6 MiB, and one bit a row; what does not fit waits
 * in a temporary file, 24 bytes a row, and is taken up again one share of the keys at a time.
 * Confined to one thread.
 */
final class LastRows implements AutoCloseable {
  private static final int SHARES = 256;
  private static final int SHARE_SHIFT = 56;
  private static final int WORDS = 3;
  private static final int RUN_ROWS = 1 << 18;

  private final HashFunction high;
  private final HashFunction low;
  private final Path directory;
  private final int runRows;
  private final long[] rows;
  private int inMemory;
  private int count;

  private final List<int[]> runs = new ArrayList<>();
  private FileChannel spool;

  /**
   * @param directory where the temporary file is made, if one is needed
   */
  LastRows(Path directory) {
    this(directory, RUN_ROWS);
  }

  LastRows(Path directory, int runRows) {
    SecureRandom random = new SecureRandom();
    this.high = Hashing.sipHash24(random.nextLong(), random.nextLong());
    this.low = Hashing.sipHash24(random.nextLong(), random.nextLong());
    this.directory = directory;
    this.runRows = runRows;
    this.rows = new long[runRows * WORDS];
  }

  /** Takes the next row; {@code live} false where its key is gone with it. */
  void add(ByteString key, boolean live) throws IOException {
    if (count == Integer.MAX_VALUE) {
      throw new LodestoneException(
          "more than " + count + " rows cannot be looked through at once",
          "ask for fewer keys, or for a point nearer to a base");
    }
    if (inMemory == runRows) {
      spill();
    }
    int at = WORDS * inMemory++;
    rows[at] = hash(high, key);
    rows[at + 1] = hash(low, key);
    rows[at + 2] = (long) count++ << 1 | (live ? 1 : 0);
  }

  private static long hash(HashFunction function, ByteString key) {
    return function.hashBytes(key.asReadOnlyByteBuffer()).asLong();
  }

  private static int share(long high) {
    return (int) (high >>> SHARE_SHIFT);
  }

  /** Appends the rows in memory to the file, sorted by share. */
  private void spill() throws IOException {
    if (spool == null) {
      Path file = Files.createTempFile(directory, "lodestone-rows-", ".tmp");
      spool =
          FileChannel.open(
              file,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE,
              StandardOpenOption.DELETE_ON_CLOSE);
    }
    int[] ends = new int[SHARES + 1];
    for (int i = 0; i < inMemory; i++) {
      ends[share(rows[WORDS * i]) + 1]++;
    }
    for (int i = 1; i <= SHARES; i++) {
      ends[i] += ends[i - 1];
    }
    runs.add(ends.clone());
    ByteBuffer sorted = ByteBuffer.allocate(inMemory * WORDS * Long.BYTES);
    for (int i = 0; i < inMemory; i++) {
      int place = ends[share(rows[WORDS * i])]++;
      sorted.asLongBuffer().position(WORDS * place).put(rows, WORDS * i, WORDS);
    }
    write(sorted);
    inMemory = 0;
  }

  private void write(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      spool.write(bytes);
    }
  }

  /** The numbers of the rows that are the last of their key, and live. */
  BitSet find() throws IOException {
    BitSet last = new BitSet(count);
    if (runs.isEmpty()) {
      mark(last, rows, inMemory);
      return last;
    }
    spill();
    for (int share = 0; share < SHARES; share++) {
      long[] shared = read(share);
      mark(last, shared, shared.length / WORDS);
    }
    return last;
  }

  private long[] read(int share) throws IOException {
    long total = 0;
    for (int[] run : runs) {
      total += run[share + 1] - run[share];
    }
    long[] shared = new long[Math.toIntExact(WORDS * total)];
    int to = 0;
    long runStart = 0;
    for (int[] run : runs) {
      int words = WORDS * (run[share + 1] - run[share]);
      ByteBuffer piece = ByteBuffer.allocate(words * Long.BYTES);
      read(piece, (runStart + (long) WORDS * run[share]) * Long.BYTES);
      piece.asLongBuffer().get(shared, to, words);
      to += words;
      runStart += (long) WORDS * run[SHARES];
    }
    return shared;
  }

  private void read(ByteBuffer piece, long from) throws IOException {
    long position = from;
    while (piece.hasRemaining()) {
      int read = spool.read(piece, position);
      if (read < 0) {
        throw new IOException("the temporary file in " + directory + " has been cut off");
      }
      position += read;
    }
    piece.flip();
  }

  /** Marks the last row of each key among the first {@code size}, whose numbers ascend. */
  private static void mark(BitSet last, long[] rows, int size) {
    int slots = Math.max(16, Integer.highestOneBit(Math.max(size, 1)) * 4);
    int[] table = new int[slots];
    Arrays.fill(table, -1);
    for (int i = 0; i < size; i++) {
      int slot = (int) rows[WORDS * i + 1] & (slots - 1);
      while (table[slot] >= 0 && !sameKey(rows, table[slot], i)) {
        slot = (slot + 1) & (slots - 1);
      }
      table[slot] = i;
    }
    for (int row : table) {
      if (row >= 0 && (rows[WORDS * row + 2] & 1) == 1) {
        last.set((int) (rows[WORDS * row + 2] >>> 1));
      }
    }
  }

  private static boolean sameKey(long[] rows, int left, int right) {
    return rows[WORDS * left] == rows[WORDS * right]
        && rows[WORDS * left + 1] == rows[WORDS * right + 1];
  }

  /** Deletes the temporary file. */
  @Override
  public void close() throws IOException {
    if (spool != null) {
      spool.close();
    }
  }
}
