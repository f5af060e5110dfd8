package io.lodestone.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.lodestone.api.etcdserverpb.WatchResponse;
import io.lodestone.api.mvccpb.Event;
import io.lodestone.api.mvccpb.KeyValue;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.StreamItem;
import io.lodestone.revisions.StreamItem.Complete;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RevisionAssemblerTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  @TempDir Path folder;
  private Spool spool;
  private RevisionAssembler assembler;

  @BeforeEach
  void start() throws Exception {
    spool = new Spool(folder, 1 << 20, 1 << 20);
    assembler = new RevisionAssembler(spool);
    assembler.restartAfter(4);
  }

  @AfterEach
  void stop() throws Exception {
    spool.close();
  }

  @Test
  void fragmentsMaySplitARevisionAnywhere() throws Exception {
    assembler.accept(fragment(put(5), put(5)), NOW);
    assertThat(published()).isEmpty();

    assembler.accept(fragment(put(5), put(6)), NOW);
    assertThat(published()).containsExactly("5/0", "5/1", "5/2", "complete 5");

    assembler.accept(last(put(6)), NOW);
    assertThat(published()).containsExactly("6/0", "6/1", "complete 6");
  }

  @Test
  void oneResponseMayHoldManyRevisions() throws Exception {
    assembler.accept(last(put(5), delete(6), put(6), put(7)), NOW);

    assertThat(published())
        .containsExactly(
            "5/0", "complete 5", "6/0 deleted", "6/1", "complete 6", "7/0", "complete 7");
  }

  @Test
  void aRevisionCutOffByALostWatchIsReadAgainFromItsStart() throws Exception {
    assembler.accept(fragment(put(5), put(5)), NOW);
    assembler.discardOpen();
    assembler.accept(last(put(5), put(5), put(5)), NOW);

    assertThat(published()).containsExactly("5/0", "5/1", "5/2", "complete 5");
  }

  @Test
  void aSkippedRevisionIsNoticed() throws Exception {
    assertThatThrownBy(() -> assembler.accept(last(put(6)), NOW))
        .isInstanceOf(RevisionAssembler.MissingRevision.class)
        .hasMessageContaining("went on at revision 6 where 5 was awaited");
  }

  @Test
  void revisionsThatAreCompleteAlreadyAreNotRepeated() throws Exception {
    assembler.accept(last(put(4), put(4), put(5)), NOW);

    assertThat(published()).containsExactly("5/0", "complete 5");
  }

  private static Event put(long main) {
    return Event.newBuilder()
        .setKv(KeyValue.newBuilder().setKey(key()).setModRevision(main))
        .build();
  }

  private static Event delete(long main) {
    return Event.newBuilder(put(main)).setType(Event.EventType.DELETE).build();
  }

  private static ByteString key() {
    return ByteString.copyFromUtf8("key");
  }

  private static WatchResponse last(Event... events) {
    return WatchResponse.newBuilder().addAllEvents(List.of(events)).build();
  }

  private static WatchResponse fragment(Event... events) {
    return last(events).toBuilder().setFragment(true).build();
  }

  private List<String> published() throws Exception {
    List<String> items = new ArrayList<>();
    while (true) {
      Optional<Spooled> entry = spool.poll(Duration.ZERO);
      if (entry.isEmpty()) {
        return items;
      }
      items.add(shown(((Spooled.Item) entry.get()).item()));
    }
  }

  private static String shown(StreamItem item) {
    if (item instanceof RevisionRecord row) {
      return row.revision() + (row.tombstone() ? " deleted" : "");
    }
    return "complete " + ((Complete) item).revision();
  }
}
