package io.lodestone.replica;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.lodestone.api.LeaseId;
import io.lodestone.api.Revision;
import io.lodestone.api.authpb.User;
import io.lodestone.api.mvccpb.KeyValue;
import io.lodestone.mvcc.Durability;
import io.lodestone.mvcc.Engine;
import io.lodestone.mvcc.EngineOptions;
import io.lodestone.revisions.Origin;
import io.lodestone.revisions.RevisionRecord;
import io.lodestone.revisions.StreamItem.AuthState;
import io.lodestone.revisions.StreamItem.BaseStart;
import io.lodestone.revisions.StreamItem.Compaction;
import io.lodestone.revisions.StreamItem.Complete;
import io.lodestone.revisions.StreamItem.LeaseState;
import io.lodestone.revisions.StreamItem.Reason;
import io.lodestone.revisions.StreamItem.UserState;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A base taken into an engine that has most of it. */
final class BaseInPlaceTest {
  private static final BaseStart START =
      new BaseStart(Origin.UNKNOWN, Instant.EPOCH, Reason.AUTH_CHANGED);

  @TempDir Path folder;
  private Engine engine;

  @BeforeEach
  void open() throws Exception {
    engine = Engine.open(folder.resolve("engine"), EngineOptions.DEFAULT);
    engine.follow(
        List.of(
            new LeaseState(new LeaseId(1), 60, 0),
            new LeaseState(new LeaseId(2), 60, 20),
            put(2),
            new Complete(2, Instant.EPOCH),
            put(3),
            new Complete(3, Instant.EPOCH),
            new AuthState(false, 2),
            user("ann")),
        Durability.BY_LOG);
  }

  @AfterEach
  void close() {
    engine.close();
  }

  private static RevisionRecord put(long revision) {
    KeyValue value =
        KeyValue.newBuilder()
            .setKey(ByteString.copyFromUtf8("k"))
            .setCreateRevision(2)
            .setModRevision(revision)
            .setVersion(revision - 1)
            .build();
    return RevisionRecord.put(new Revision(revision, 0), value);
  }

  private static UserState user(String name) {
    return new UserState(User.newBuilder().setName(ByteString.copyFromUtf8(name)).build());
  }

  @Test
  void whatIsNewIsTakenAndWhatIsGoneIsGone() throws Exception {
    BaseInPlace base = new BaseInPlace(engine, START);
    base.accept(START);
    base.accept(new Compaction(-1, -1));
    base.accept(new LeaseState(new LeaseId(2), 60, 0));
    base.accept(new LeaseState(new LeaseId(3), 90, 0));
    base.accept(new AuthState(true, 5));
    base.accept(user("bob"));
    for (long revision = 2; revision <= 2500; revision++) {
      base.accept(put(revision));
    }
    base.finish();
    assertThat(engine.revision()).isEqualTo(2500);
    assertThat(engine.leases().list()).containsExactlyInAnyOrder(new LeaseId(2), new LeaseId(3));
    assertThat(engine.leases().status(new LeaseId(2), false).orElseThrow().remainingTtlSeconds())
        .isBetween(15L, 20L);
    assertThat(engine.auth().sideState()).containsExactly(new AuthState(true, 5), user("bob"));
    engine.close();
    engine = Engine.open(folder.resolve("engine"), EngineOptions.DEFAULT);
    assertThat(engine.auth().sideState()).containsExactly(new AuthState(true, 5), user("bob"));
  }

  @Test
  void aBaseThatIsCompactedPastTheEngineDoesNotFit() {
    BaseInPlace base = new BaseInPlace(engine, START);
    assertThat(base.fits(Compaction.NEVER)).isTrue();
    assertThat(base.fits(new Compaction(3, 3))).isTrue();
    assertThat(base.fits(new Compaction(4, 3))).isFalse();
  }
}
