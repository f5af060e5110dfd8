package io.lodestone.restore.gardener;

import io.lodestone.api.CorruptDataException;
import io.lodestone.repository.objects.ObjectStore;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;
import java.util.zip.ZipException;

/** An object as a file in the clear, which is deleted when this is closed. */
record Unpacked(ChainObject object, Path file) implements AutoCloseable {

  static Unpacked of(ObjectStore store, ChainObject object, Path directory) throws IOException {
    Files.createDirectories(directory);
    Unpacked unpacked =
        new Unpacked(
            object, Files.createTempFile(directory, "gardener-", object.full() ? ".db" : ".json"));
    boolean done = false;
    try (InputStream stored = store.read(object.name(), 0, object.sizeBytes());
        InputStream clear = decompressed(object, stored)) {
      Files.copy(clear, unpacked.file, StandardCopyOption.REPLACE_EXISTING);
      Files.setLastModifiedTime(unpacked.file, FileTime.from(object.created()));
      done = true;
      return unpacked;
    } catch (ZipException | EOFException e) {
      throw new CorruptDataException(
          "object " + object.name() + " cannot be decompressed: " + e.getMessage(),
          "it is damaged or was cut off; restore an earlier revision, or from another copy",
          e);
    } finally {
      if (!done) {
        unpacked.close();
      }
    }
  }

  private static InputStream decompressed(ChainObject object, InputStream stored)
      throws IOException {
    return switch (object.compression()) {
      case NONE -> stored;
      case GZIP -> new GZIPInputStream(stored, 1 << 16);
      case ZLIB -> new InflaterInputStream(stored);
      case LZW -> new LzwInputStream(new BufferedInputStream(stored, 1 << 16));
    };
  }

  @Override
  public void close() throws IOException {
    Files.deleteIfExists(file);
  }
}
