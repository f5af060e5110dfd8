package io.lodestone.restore.gardener;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lodestone.api.LodestoneException;
import io.lodestone.repository.objects.ObjectStore;
import io.lodestone.repository.objects.ObjectStores;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Chains of a few minutes behind 12:00, in which times are told, or not. */
final class ChainClockTest {
  private static final String DAY = "2026-11-01T";

  @TempDir Path folder;

  private final List<ChainObject> chain = new ArrayList<>();
  private Path backups;

  @BeforeEach
  void makeChain() throws Exception {
    backups = Files.createDirectory(folder.resolve("backups"));
    full(10, "12:00:00");
    incr(11, 12, "12:05:00", "11 12:01:00.5", "12 12:03:00", "12 12:04:10");
  }

  private void full(long revision, String created) {
    add(String.format("Full-00000000-%08d-%d.gz", revision, at(created).getEpochSecond()), 0);
  }

  /**
   * @param events revision and time of each
   */
  private void incr(long first, long last, String created, String... events) throws Exception {
    String name = String.format("Incr-%08d-%08d-%d", first, last, at(created).getEpochSecond());
    byte[] json =
        Arrays.stream(events)
            .map(event -> event.split(" ", 2))
            .map(
                event ->
                    "{\"etcdEvent\":{\"kv\":{\"key\":\"YQ==\",\"mod_revision\":"
                        + event[0]
                        + "}},\"time\":\""
                        + at(event[1])
                        + "\"}")
            .collect(Collectors.joining(",", "[", "]"))
            .getBytes(UTF_8);
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    whole.writeBytes(json);
    whole.writeBytes(MessageDigest.getInstance("SHA-256").digest(json));
    Files.write(backups.resolve(name), whole.toByteArray());
    add(name, whole.size());
  }

  private void add(String name, long sizeBytes) {
    chain.add(ChainObject.of(name, sizeBytes).orElseThrow());
  }

  private static Instant at(String time) {
    return Instant.parse(DAY + time + "Z");
  }

  private long revisionAt(String time) throws IOException {
    try (ObjectStore store = ObjectStores.open(backups.toString())) {
      return new ChainClock(store, folder.resolve("unpacked"), chain).revisionAt(at(time));
    }
  }

  private void assertUnknown(String time, String... words) throws IOException {
    assertThatThrownBy(() -> revisionAt(time))
        .isInstanceOf(LodestoneException.class)
        .satisfies(e -> assertThat(e + ((LodestoneException) e).hint()).contains(words));
  }

  @Test
  void aRevisionCountsOnceAllOfItWasReceived() throws Exception {
    assertThat(revisionAt("12:00:00")).isEqualTo(10);
    assertThat(revisionAt("12:01:00.499")).isEqualTo(10);
    assertThat(revisionAt("12:01:00.5")).isEqualTo(11);
    assertThat(revisionAt("12:04:00")).isEqualTo(11);
    assertThat(revisionAt("12:04:10")).isEqualTo(12);
    assertThat(revisionAt("12:05:00")).isEqualTo(12);
  }

  @Test
  void whatLaterObjectsTellIsLookedForThere() throws Exception {
    incr(12, 12, "12:05:30", "12 12:04:10");
    incr(13, 14, "12:10:00", "13 12:05:00.3", "14 12:09:00");
    assertThat(revisionAt("12:05:00.2")).isEqualTo(12);
    assertThat(revisionAt("12:08:00")).isEqualTo(13);
    full(14, "12:20:00");
    assertThat(revisionAt("12:15:00")).as("nothing came until the snapshot").isEqualTo(14);
    assertThat(revisionAt("12:20:00")).isEqualTo(14);
  }

  @Test
  void whereTheChainTellsNoTimesBothSidesAreNamed() throws Exception {
    assertUnknown("11:59:59", "choose a time from 2026-11-01T12:00:00Z on");
    assertUnknown("12:05:01", "2026-11-01T12:05:00Z", "and now", "--to-revision 12,");
    full(15, "12:07:00");
    assertUnknown("12:06:00", "and 2026-11-01T12:07:00Z", "--to-revision 12, --to-revision 15");
    assertThat(revisionAt("12:07:00")).isEqualTo(15);
    incr(17, 17, "12:12:00", "17 12:11:00");
    assertUnknown("12:08:00", "between 2026-11-01T12:07:00Z, when it was at revision 15");
  }
}
