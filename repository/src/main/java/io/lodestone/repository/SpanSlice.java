package io.lodestone.repository;

import io.lodestone.repository.Draft.Content;
import io.lodestone.repository.LineageCopy.Piece;
import io.lodestone.repository.chain.ContentStream;
import io.lodestone.repository.chain.EntryLog;
import io.lodestone.repository.chain.LineageNames;
import io.lodestone.repository.chain.SealedLink;
import io.lodestone.repository.chain.SpanName;
import io.lodestone.repository.format.ContentFacts;
import io.lodestone.repository.format.EntryHeader;
import io.lodestone.repository.format.EntryHeader.First;
import io.lodestone.repository.format.EntryHeader.Kind;
import io.lodestone.repository.format.Frames;
import io.lodestone.repository.format.LeaseTrail;
import io.lodestone.repository.format.LeaseTrail.LeaseFacts;
import io.lodestone.repository.format.OpenedObject;
import io.lodestone.repository.format.SealedObject;
import io.lodestone.repository.format.Sha256;
import io.lodestone.repository.format.Span;
import io.lodestone.repository.format.Standing;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.Complete;
import io.lodestone.revisions.StreamItem.End;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The end of a span of one log as a span of its copy, for a copy that has the beginning already:
 * entries 1 to 5 are there, the log has merged 3 to 9, and so 6 to 9 become one. Where 6 to 9 hold
 * nothing, since agents only came and went, they are merged with the copy's last segment. Reads
 * contents, and so needs the keys of an encrypted repository. Confined to the copying thread.
 */
final class SpanSlice {
  private final EntryLog from;
  private final EntryLog to;
  private final WriterSettings settings;
  private final PartUploader uploader;
  private final SecureRandom random = new SecureRandom();

  SpanSlice(EntryLog from, EntryLog to, WriterSettings settings, PartUploader uploader) {
    this.from = from;
    this.to = to;
    this.settings = settings;
    this.uploader = uploader;
  }

  /** That the entries behind the end of the copy have expired; it told nothing of them. */
  Piece expired(EntryHeader gone, SealedLink end, Standing standing) {
    Instant silentFrom = gone.span().flatMap(Span::silentFrom).orElseThrow();
    Instant known = standing.at().isAfter(silentFrom) ? standing.at() : silentFrom;
    EntryHeader header =
        header(
            gone,
            Kind.EXPIRED,
            new Beginning(end.seq() + 1, end.hash(), Optional.empty(), Optional.empty()),
            Content.NONE,
            Optional.of(known));
    return sealed(header, Frames.NONE);
  }

  /** Where a slice begins, and what was behind the entry before. */
  private record Beginning(
      long firstSeq, Sha256 previous, Optional<First> first, Optional<List<LeaseFacts>> table) {}

  /**
   * What {@code span} holds behind the end of the copy. Its parts are durable, and everything was
   * read back and compared, when this returns.
   */
  Piece merged(OpenedObject<EntryHeader> span, SealedLink end, Standing standing)
      throws IOException, InterruptedException {
    Optional<Complete> first = firstBehind(span, standing);
    Beginning beginning =
        first.isPresent() ? behind(span.header(), end, first.get()) : lastSegment(end.seq());
    String set = LineageNames.set(span.header().seq(), random.nextLong());
    try (Draft draft = new Draft(to.names(), set, settings, to.cipher(), uploader);
        Items items = items(span, standing, beginning, end)) {
      for (Optional<StreamItem> i = items.next(); i.isPresent(); i = items.next()) {
        draft.add(i.get());
      }
      Content content = draft.finish();
      Piece made =
          sealed(
              header(span.header(), Kind.SEGMENT, beginning, content, Optional.empty()),
              content.inline());
      compare(made, span, standing, beginning, end);
      return made;
    }
  }

  private static Beginning behind(EntryHeader span, SealedLink end, Complete first) {
    LeaseTrail trail = span.leases();
    boolean inside = trail.checkpointSeq() > end.seq();
    return new Beginning(
        end.seq() + 1,
        end.hash(),
        Optional.of(new First(first.revision(), first.at())),
        inside ? trail.table() : Optional.empty());
  }

  /** The newest segment of the copy: what was merged begins with one, so there is one. */
  private Beginning lastSegment(long seq) throws IOException {
    EntryHeader header = to.header(seq);
    while (header.kind() != Kind.SEGMENT) {
      header = to.header(header.firstSeq() - 1);
    }
    return new Beginning(
        header.firstSeq(), header.previous(), header.first(), header.leases().table());
  }

  /** Items one after the other, whatever they come from. */
  private interface Items extends AutoCloseable {
    Optional<StreamItem> next() throws IOException, InterruptedException;

    @Override
    void close() throws IOException;
  }

  private Items items(
      OpenedObject<EntryHeader> span, Standing standing, Beginning beginning, SealedLink end)
      throws IOException {
    return beginning.firstSeq > end.seq()
        ? behind(span, standing)
        : ofTheCopy(beginning.firstSeq, end.seq());
  }

  private Items behind(OpenedObject<EntryHeader> span, Standing standing) throws IOException {
    ContentStream content = new ContentStream(from, span);
    skip(content, span, standing);
    return new Items() {
      @Override
      public Optional<StreamItem> next() throws IOException {
        return content.next();
      }

      @Override
      public void close() {
        content.close();
      }
    };
  }

  private Items ofTheCopy(long first, long last) {
    LogStream stream = new LogStream(to, first, last, Optional.empty(), false);
    return new Items() {
      @Override
      public Optional<StreamItem> next() throws IOException, InterruptedException {
        StreamItem item = stream.next();
        return item instanceof End ? Optional.empty() : Optional.of(item);
      }

      @Override
      public void close() {
        stream.close();
      }
    };
  }

  private Optional<Complete> firstBehind(OpenedObject<EntryHeader> span, Standing standing)
      throws IOException {
    try (ContentStream content = new ContentStream(from, span)) {
      skip(content, span, standing);
      for (Optional<StreamItem> i = content.next(); i.isPresent(); i = content.next()) {
        if (i.get() instanceof Complete mark) {
          return Optional.of(mark);
        }
      }
      return Optional.empty();
    }
  }

  private void skip(ContentStream content, OpenedObject<EntryHeader> span, Standing standing)
      throws IOException {
    Complete reached = new Complete(standing.revision(), standing.at());
    Optional<StreamItem> item = content.next();
    while (item.isPresent() && !item.get().equals(reached)) {
      item = content.next();
    }
    if (item.isEmpty()) {
      throw span.badHeader(
          "it must go past " + reached + ", where the copy at " + to.store().location() + " ends");
    }
  }

  private EntryHeader header(
      EntryHeader whole,
      Kind kind,
      Beginning beginning,
      Content content,
      Optional<Instant> silentFrom) {
    Span span = whole.span().orElseThrow();
    LeaseTrail trail = whole.leases();
    return new EntryHeader(
        kind,
        whole.lineage(),
        whole.epoch(),
        whole.seq(),
        beginning.previous,
        whole.standing(),
        ContentFacts.of(content.inline()),
        content.parts(),
        new LeaseTrail(trail.checkpointSeq(), trail.changedSeqs(), beginning.table),
        beginning.first,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.of(
            new Span(
                beginning.firstSeq,
                span.level(),
                span.lastHash(),
                Long.toHexString(random.nextLong()),
                silentFrom)),
        Optional.empty());
  }

  private Piece sealed(EntryHeader header, Frames frames) {
    return new Piece(header, SealedObject.entry(to.cipher(), header, frames).bytes());
  }

  private void compare(
      Piece made,
      OpenedObject<EntryHeader> span,
      Standing standing,
      Beginning beginning,
      SealedLink end)
      throws IOException, InterruptedException {
    EntryHeader header = made.header();
    SpanName name = new SpanName(header.firstSeq(), header.seq(), span(header).level());
    OpenedObject<EntryHeader> opened =
        OpenedObject.entry(to.names().span(name), made.bytes().newInput(), to.cipher());
    try (Items items = items(span, standing, beginning, end);
        ContentStream copies = new ContentStream(to, opened)) {
      for (Optional<StreamItem> i = items.next(); i.isPresent(); i = items.next()) {
        if (!copies.next().equals(i)) {
          throw opened.badHeader("copying has not kept " + i.get());
        }
      }
      if (copies.next().isPresent()) {
        throw opened.badHeader("copying has added something");
      }
    }
  }

  private static Span span(EntryHeader header) {
    return header.span().orElseThrow();
  }
}
