package io.lodestone.etcdfile.member;

import io.lodestone.etcdfile.db.EtcdDatabase;
import io.lodestone.etcdfile.db.ItemReader;
import io.lodestone.etcdfile.replay.LogTail;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.BaseStart;
import io.lodestone.revisions.StreamItem.End;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A database and its log's tail. Owns both. Confined to one reader. */
final class MemberDirectoryStream implements RevisionStream {
  private final EtcdDatabase database;
  private final LogTail tail;
  private final ItemReader<StreamItem> items;

  MemberDirectoryStream(EtcdDatabase database, BaseStart start, LogTail tail) throws IOException {
    this.database = database;
    this.tail = tail;
    this.items =
        ItemReader.concat(
            List.of(
                database.base(
                    start,
                    ItemReader.concat(
                        List.of(database.leases(), ItemReader.of(tail.finalSideState())))),
                tail));
  }

  @Override
  public Optional<StreamItem> poll(Duration maxWait) throws IOException {
    return Optional.of(items.next().orElseGet(End::new));
  }

  @Override
  public void close() throws IOException {
    try {
      tail.close();
    } finally {
      database.close();
    }
  }
}
