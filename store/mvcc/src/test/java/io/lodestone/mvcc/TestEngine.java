package io.lodestone.mvcc;

import com.google.protobuf.Message;
import io.lodestone.api.ErrorCode;
import io.lodestone.api.StoreException;
import io.lodestone.api.etcdserverpb.InternalRaftRequest;
import io.lodestone.api.etcdserverpb.RangeRequest;
import io.lodestone.api.etcdserverpb.RangeResponse;
import io.lodestone.mvcc.log.Applied;
import io.lodestone.mvcc.log.LogEntry;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.digest.HashKv;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** A real engine, driven entry by entry or batch by batch, with a clock that stands still. */
public final class TestEngine implements AutoCloseable {
  private final Path directory;
  private final EngineOptions options;
  public final AtomicLong nanos = new AtomicLong(1);
  private Engine engine;

  public TestEngine(Path directory) throws IOException {
    this(directory, EngineOptions.DEFAULT);
  }

  public TestEngine(Path directory, EngineOptions options) throws IOException {
    this.directory = directory;
    this.options = options;
    this.engine = Engine.open(directory, options, nanos::get);
  }

  public Engine engine() {
    return engine;
  }

  public void restart() throws IOException {
    engine.close();
    engine = Engine.open(directory, options, nanos::get);
  }

  public Applied apply(InternalRaftRequest request) throws IOException {
    return applyAll(List.of(request)).get(0);
  }

  /** All of them as one batch. */
  public List<Applied> applyAll(List<InternalRaftRequest> requests) throws IOException {
    List<LogEntry> entries = new ArrayList<>();
    long index = engine.appliedIndex();
    for (InternalRaftRequest request : requests) {
      entries.add(new LogEntry(++index, 2, request));
    }
    return engine.apply(entries, Durability.BY_LOG);
  }

  /** The response; the test fails where the request was refused. */
  public <T extends Message> T respond(InternalRaftRequest request, Class<T> type)
      throws IOException {
    Applied applied = apply(request);
    applied.refusal().ifPresent(refusal -> throwAgain(refusal));
    return type.cast(applied.response().orElseThrow());
  }

  private static void throwAgain(StoreException refusal) {
    throw refusal;
  }

  public ErrorCode refusal(InternalRaftRequest request) throws IOException {
    return apply(request).refusal().orElseThrow().code();
  }

  public RangeResponse range(RangeRequest.Builder request) {
    try (EngineView view = engine.view()) {
      return view.range(request.build());
    }
  }

  public long revision() {
    try (EngineView view = engine.view()) {
      return view.revision();
    }
  }

  public long compactRevision() {
    try (EngineView view = engine.view()) {
      return view.compactRevision();
    }
  }

  public HashKv hashKv(long revision) throws IOException {
    try (EngineView view = engine.view()) {
      return view.hashKv(revision);
    }
  }

  public List<RevisionRecord> rows() throws IOException {
    List<RevisionRecord> rows = new ArrayList<>();
    try (EngineView view = engine.view()) {
      view.rows().scan(rows::add);
    }
    return rows;
  }

  @Override
  public void close() {
    engine.close();
  }
}
