package io.lodestone.etcdfile.db;

import io.lodestone.revisions.Origin;
import io.lodestone.revisions.RevisionStream;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.BaseStart;
import io.lodestone.revisions.StreamItem.End;
import io.lodestone.revisions.StreamItem.Reason;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** A database told as a base. Owns the database. Confined to one reader. */
final class DatabaseStream implements RevisionStream {
  private final EtcdDatabase database;
  private final ItemReader<StreamItem> items;

  DatabaseStream(EtcdDatabase database, Instant at, Reason reason) throws IOException {
    this.database = database;
    this.items = database.base(new BaseStart(Origin.UNKNOWN, at, reason), database.sideState());
  }

  @Override
  public Optional<StreamItem> poll(Duration maxWait) throws IOException {
    return Optional.of(items.next().orElseGet(End::new));
  }

  @Override
  public void close() throws IOException {
    database.close();
  }
}
