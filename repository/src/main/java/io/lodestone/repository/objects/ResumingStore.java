package io.lodestone.repository.objects;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A store whose reads go on where they were broken off: what has arrived of an object is not asked
 * for again. For objects that never change; of one that is overwritten meanwhile the end may be the
 * newer one's. Thread-safe.
 */
public final class ResumingStore extends ForwardingStore {
  private static final Logger LOG = LoggerFactory.getLogger(ResumingStore.class);

  /** In a row without a byte between them. */
  private static final int ATTEMPTS = 6;

  private final Duration firstPause;

  public ResumingStore(ObjectStore store) {
    this(store, Duration.ofMillis(100));
  }

  /**
   * @param firstPause before the first attempt to go on; each one after it waits twice as long
   */
  ResumingStore(ObjectStore store, Duration firstPause) {
    super(store);
    this.firstPause = firstPause;
  }

  @Override
  public InputStream read(String name, long offset, long length) throws IOException {
    return new Resumed(name, offset, offset + length, super.read(name, offset, length));
  }

  private InputStream open(String name, long offset, long length) throws IOException {
    return super.read(name, offset, length);
  }

  /** One read. Confined to its reader. */
  private final class Resumed extends InputStream {
    private final String name;
    private final long end;
    private long offset;
    private InputStream in;
    private int failures;

    Resumed(String name, long offset, long end, InputStream in) {
      this.name = name;
      this.offset = offset;
      this.end = end;
      this.in = in;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      int count = read(one, 0, 1);
      return count < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int from, int length) throws IOException {
      while (true) {
        try {
          int count = in.read(target, from, length);
          if (count > 0) {
            offset += count;
            failures = 0;
          }
          return count;
        } catch (IOException e) {
          goOn(e);
        }
      }
    }

    private void goOn(IOException broken) throws IOException {
      IOException last = broken;
      while (true) {
        if (++failures >= ATTEMPTS) {
          throw last;
        }
        LOG.atInfo()
            .addKeyValue("object", name)
            .addKeyValue("offset", offset)
            .addKeyValue("reason", last.toString())
            .log("a read was broken off; going on");
        pause();
        try {
          InputStream next = open(name, offset, end - offset);
          in.close();
          in = next;
          return;
        } catch (IOException e) {
          last = e;
        } catch (UnreachableStoreException e) {
          last = new IOException(e.getMessage(), e);
        }
      }
    }

    private void pause() throws IOException {
      try {
        Thread.sleep(firstPause.toMillis() << (failures - 1));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        InterruptedIOException stopped = new InterruptedIOException("stopped reading " + name);
        stopped.initCause(e);
        throw stopped;
      }
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }
}
