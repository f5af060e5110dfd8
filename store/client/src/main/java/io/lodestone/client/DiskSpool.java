package io.lodestone.client;

import io.lodestone.api.CorruptDataException;
import io.lodestone.api.LodestoneException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32C;

/**
 * A queue of byte strings in files, written by one thread and read by another. The caller tells the
 * reader how many it may take and guards the hand-over; a file is deleted as soon as it was read.
 *
 * <p>Files are sequences of frames: length of the body (4 bytes), its CRC-32C (4 bytes), the body.
 * Nothing is forced to disk: the files do not outlive the process.
 */
final class DiskSpool implements AutoCloseable {
  static final String DAMAGE_HINT = "the spool's disk is faulty: put the spool elsewhere";

  private static final int HEADER = 2 * Integer.BYTES;
  private static final int BUFFER_BYTES = 256 << 10;
  private static final long FILE_BYTES = 32L << 20;

  private final Path directory;
  private final long limitBytes;
  private final AtomicLong bytes = new AtomicLong();
  private final Deque<Segment> segments = new ArrayDeque<>();

  /** Of the writer: the file in work, its unwritten end, and how much of it is published. */
  private Segment tail;

  private final ByteBuffer unwritten = ByteBuffer.allocate(BUFFER_BYTES);
  private long publishedBytes;
  private int nextFile;

  /** Of the reader: bytes of the first file that were read ahead. */
  private volatile Segment head;

  private ByteBuffer ahead = ByteBuffer.allocate(BUFFER_BYTES).limit(0);
  private long readBytes;

  private static final class Segment {
    private final Path path;
    private final FileChannel channel;
    private volatile long readableBytes;
    private volatile boolean sealed;

    Segment(Path path) throws IOException {
      this.path = path;
      this.channel =
          FileChannel.open(
              path,
              StandardOpenOption.CREATE_NEW,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
    }

    void delete() throws IOException {
      channel.close();
      Files.deleteIfExists(path);
    }
  }

  DiskSpool(Path directory, long limitBytes) {
    this.directory = directory;
    this.limitBytes = limitBytes;
  }

  /** Bytes on disk, including those of the newest file that were already read. */
  long bytes() {
    return bytes.get();
  }

  /**
   * Writer: adds a body, of at least one byte, that may still be taken back. Fails when the limit
   * is reached.
   */
  void append(ByteBuffer body) throws IOException {
    int size = HEADER + body.remaining();
    if (bytes.get() + size > limitBytes) {
      throw new LodestoneException(
          "the reader fell behind: " + limitBytes + " bytes of changes wait in " + directory,
          "let the reader catch up, or allow the spool more space; then follow the cluster anew");
    }
    openTail();
    bytes.addAndGet(size);
    CRC32C crc = new CRC32C();
    crc.update(body.duplicate());
    put(ByteBuffer.allocate(HEADER).putInt(body.remaining()).putInt((int) crc.getValue()).flip());
    put(body);
  }

  private void openTail() throws IOException {
    if (tail == null) {
      tail = new Segment(directory.resolve("tail-" + nextFile++ + ".spool"));
      publishedBytes = 0;
      synchronized (segments) {
        segments.addLast(tail);
      }
    }
  }

  private void put(ByteBuffer part) throws IOException {
    if (part.remaining() > unwritten.remaining()) {
      flush();
    }
    if (part.remaining() > unwritten.remaining()) {
      writeFully(part);
    } else {
      unwritten.put(part);
    }
  }

  private void flush() throws IOException {
    writeFully(unwritten.flip());
    unwritten.clear();
  }

  private void writeFully(ByteBuffer part) throws IOException {
    while (part.hasRemaining()) {
      tail.channel.write(part);
    }
  }

  /** Writer: everything appended may be read. */
  void publish() throws IOException {
    if (tail == null) {
      return;
    }
    flush();
    publishedBytes = tail.channel.position();
    tail.readableBytes = publishedBytes;
    if (publishedBytes >= FILE_BYTES) {
      tail.sealed = true;
      tail = null;
    }
  }

  /** Writer: takes back everything since {@link #publish}. */
  void rollback() throws IOException {
    if (tail == null) {
      return;
    }
    bytes.addAndGet(publishedBytes - tail.channel.position() - unwritten.position());
    unwritten.clear();
    tail.channel.truncate(publishedBytes);
    tail.channel.position(publishedBytes);
  }

  /** Reader: the next published body, valid until the next call; the caller knows there is one. */
  ByteBuffer read() throws IOException {
    ByteBuffer header = take(HEADER);
    int size = header.getInt();
    int expected = header.getInt();
    if (size <= 0 || size > head.readableBytes - readBytes + ahead.remaining()) {
      throw damaged();
    }
    ByteBuffer body = take(size);
    CRC32C crc = new CRC32C();
    crc.update(body.duplicate());
    if ((int) crc.getValue() != expected) {
      throw damaged();
    }
    return body;
  }

  private ByteBuffer take(int size) throws IOException {
    nextFileIfRead();
    if (ahead.remaining() < size) {
      fill(size);
    }
    ByteBuffer taken = ahead.slice(ahead.position(), size);
    ahead.position(ahead.position() + size);
    return taken;
  }

  private void nextFileIfRead() throws IOException {
    Segment current = head;
    boolean read = current != null && current.sealed && readBytes == current.readableBytes;
    if (read && !ahead.hasRemaining()) {
      bytes.addAndGet(-readBytes);
      current.delete();
      head = null;
    }
    if (head == null) {
      synchronized (segments) {
        head = segments.removeFirst();
      }
      readBytes = 0;
    }
  }

  /** Never reads past what is published: what is behind may be taken back. */
  private void fill(int size) throws IOException {
    ByteBuffer bigger = ByteBuffer.allocate(Math.max(size, BUFFER_BYTES)).put(ahead);
    int readable = (int) Math.min(bigger.remaining(), head.readableBytes - readBytes);
    bigger.limit(bigger.position() + readable);
    while (bigger.hasRemaining()) {
      int count = head.channel.read(bigger, readBytes);
      if (count < 0) {
        throw damaged();
      }
      readBytes += count;
    }
    ahead = bigger.flip();
    if (ahead.remaining() < size) {
      throw damaged();
    }
  }

  private CorruptDataException damaged() {
    return new CorruptDataException(
        "spool file " + head.path + " is damaged before byte " + readBytes, DAMAGE_HINT);
  }

  @Override
  public void close() throws IOException {
    if (head != null) {
      head.delete();
    }
    synchronized (segments) {
      for (Segment segment : segments) {
        segment.delete();
      }
    }
  }
}
