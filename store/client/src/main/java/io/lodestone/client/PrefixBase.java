package io.lodestone.client;

import com.google.protobuf.ByteString;
import io.lodestone.api.ErrorCode;
import io.lodestone.api.KeyRange;
import io.lodestone.api.Revision;
import io.lodestone.api.StoreException;
import io.lodestone.api.etcdserverpb.KVGrpc;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.api.etcdserverpb.RangeResponse;
import io.lodestone.api.etcdserverpb.ResponseHeader;
import io.lodestone.api.mvccpb.KeyValue;
import io.lodestone.revisions.RevisionRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The keys of a range as they are at one revision, fetched page by page into a file, and handed out
 * in the order of their last change. Memory holds a page and some 40 bytes a key. Confined to one
 * thread.
 */
final class PrefixBase implements AutoCloseable {
  private static final int FIRST_PAGE = 16;
  private static final int LARGEST_PAGE = 2_000;
  private static final long PAGE_BYTES = 1 << 20;

  private final Path file;
  private final FileChannel values;
  private final ResponseHeader header;
  private final List<Place> places;
  private int next;
  private long main;
  private long sub;

  /** Where a key's row is; keys of one revision keep the order in which they came. */
  private record Place(long main, long offset, int size) {}

  private PrefixBase(Path file, FileChannel values, ResponseHeader header, List<Place> places) {
    this.file = file;
    this.values = values;
    this.header = header;
    this.places = places;
  }

  /**
   * @param revision the one wanted; where the cluster has it no more, and for 0, the newest
   * @param directory where the file is kept until this is closed
   */
  static PrefixBase fetch(EtcdConnection connection, KeyRange keys, long revision, Path directory)
      throws IOException {
    try {
      return fetchAt(connection, keys, revision, directory);
    } catch (StoreException e) {
      boolean gone = e.code() == ErrorCode.COMPACTED || e.code() == ErrorCode.FUTURE_REVISION;
      if (!gone || revision == 0) {
        throw e;
      }
      return fetchAt(connection, keys, 0, directory);
    }
  }

  private static PrefixBase fetchAt(
      EtcdConnection connection, KeyRange keys, long revision, Path directory) throws IOException {
    Path file = Files.createTempFile(directory, "prefix-", ".base");
    FileChannel values = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
    boolean fetched = false;
    try {
      List<Place> places = new ArrayList<>();
      ResponseHeader header = fetchAll(connection, keys, revision, values, places);
      places.sort(Comparator.comparingLong(Place::main));
      fetched = true;
      return new PrefixBase(file, values, header, places);
    } finally {
      if (!fetched) {
        values.close();
        Files.deleteIfExists(file);
      }
    }
  }

  /** The header of the first page, with the revision that all pages show. */
  private static ResponseHeader fetchAll(
      EtcdConnection connection,
      KeyRange keys,
      long revision,
      FileChannel values,
      List<Place> places)
      throws IOException {
    Optional<ResponseHeader> header = Optional.empty();
    ByteString from = keys.start();
    long at = revision;
    int limit = FIRST_PAGE;
    while (true) {
      RangeResponse page = page(connection, from, keys.end(), at, limit);
      at = at == 0 ? page.getHeader().getRevision() : at;
      ResponseHeader shown = page.getHeader().toBuilder().setRevision(at).build();
      header = header.or(() -> Optional.of(shown));
      for (KeyValue kv : page.getKvsList()) {
        places.add(write(values, kv));
      }
      if (!page.getMore()) {
        return header.get();
      }
      from = page.getKvs(page.getKvsCount() - 1).getKey().concat(EtcdConnection.UNUSED_KEY);
      boolean small = page.getSerializedSize() < PAGE_BYTES;
      limit = small ? Math.min(limit * 2, LARGEST_PAGE) : Math.max(limit / 2, 1);
    }
  }

  private static RangeResponse page(
      EtcdConnection connection, ByteString from, ByteString end, long revision, int limit) {
    RangeRequest request =
        RangeRequest.newBuilder()
            .setKey(from)
            .setRangeEnd(end)
            .setRevision(revision)
            .setLimit(limit)
            .build();
    return connection.read(KVGrpc.getRangeMethod(), request);
  }

  private static Place write(FileChannel values, KeyValue kv) throws IOException {
    ByteBuffer bytes = kv.toByteString().asReadOnlyByteBuffer();
    Place place = new Place(kv.getModRevision(), values.position(), bytes.remaining());
    while (bytes.hasRemaining()) {
      int unused = values.write(bytes);
    }
    return place;
  }

  /** The revision of all of it. */
  long revision() {
    return header.getRevision();
  }

  /** The member that answered first. */
  long memberId() {
    return header.getMemberId();
  }

  /** The next row; empty at the end. Sub revisions count the rows of a revision that are here. */
  Optional<RevisionRecord> next() throws IOException {
    if (next == places.size()) {
      return Optional.empty();
    }
    Place place = places.get(next++);
    sub = place.main() == main ? sub + 1 : 0;
    main = place.main();
    ByteBuffer bytes = ByteBuffer.allocate(place.size());
    while (bytes.hasRemaining()) {
      if (values.read(bytes, place.offset() + bytes.position()) < 0) {
        throw new IOException(file + " was cut short");
      }
    }
    ByteString value = ByteString.copyFrom(bytes.flip());
    return Optional.of(new RevisionRecord(new Revision(main, sub), false, value));
  }

  @Override
  public void close() throws IOException {
    values.close();
    Files.deleteIfExists(file);
  }
}
