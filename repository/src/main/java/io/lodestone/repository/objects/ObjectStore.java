package io.lodestone.repository.objects;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.InputStream;
import java.util.Iterator;
import java.util.OptionalLong;

/**
 * A flat space of immutable objects. Names consist of letters, digits, {@code . _ -} and the
 * separator {@code /}, and are ordered as bytes; none may be a directory of another ({@code a} and
 * {@code a/b}). Thread-safe.
 *
 * <p>Failures: {@link MissingObjectException} where a name does not exist; {@link
 * UnreachableStoreException} or {@link IOException} where the outcome is unknown and the call may
 * be repeated; any other {@link io.lodestone.api.LodestoneException} where a person has to act (no
 * such bucket, credentials refused).
 */
public interface ObjectStore extends AutoCloseable {

  /** Where this is, as a URI without credentials. */
  String location();

  /**
   * Creates the object if none of that name exists. When this returns true, it is durable and
   * whole, and of any number of concurrent callers exactly one is told true. A repetition inside
   * the store after a lost answer may return false for an object of the caller's own: compare.
   */
  boolean create(String name, ByteString bytes) throws IOException;

  /** Creates or replaces the object, atomically and durably; the last one wins. */
  void overwrite(String name, ByteString bytes) throws IOException;

  /**
   * The bytes {@code [offset, offset + length)}, or fewer where the object ends before; the caller
   * closes the stream.
   */
  InputStream read(String name, long offset, long length) throws IOException;

  /** The object's size in bytes, or empty if there is none. */
  OptionalLong size(String name) throws IOException;

  /**
   * The objects whose names begin with {@code prefix} and are after {@code startAfter} (empty:
   * all), in name order. Fetched page by page while iterating, so memory does not grow with the
   * number of objects; {@code next} may throw the failures named above, {@link IOException} as
   * {@link java.io.UncheckedIOException}.
   */
  Iterator<StoredObject> list(String prefix, String startAfter) throws IOException;

  /** Deletes the object; deleting what does not exist is no failure. */
  void delete(String name) throws IOException;

  @Override
  void close();
}
