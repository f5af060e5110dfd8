package io.lodestone.conformance.requests;

import static org.assertj.core.api.Assertions.assertThat;

import io.lodestone.conformance.Contestants;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The suite on trial: it must see what is known to differ between etcd 3.4 and 3.5. */
@Tag("once")
final class SightTest {
  private static final long SEED = 1;

  @TempDir Path folder;

  @Test
  void theDifferencesBetweenTwoReleasesAreSeen() throws Exception {
    Report report =
        new Run(Contestants.ETCD_3_4, folder, 1500, dice -> new Everyday(dice, folder)).play(SEED);
    assertThat(report.kinds())
        .anySatisfy(kind -> assertThat(kind).startsWith("Maintenance/Status"))
        .anySatisfy(kind -> assertThat(kind).startsWith("Maintenance/Downgrade"));
  }

  @Test
  void theDifferencesInAuthAreSeen() throws Exception {
    Report report =
        new Run(Contestants.ETCD_3_4, folder, 300, Guarded::new, "--bcrypt-cost=4").play(SEED);
    assertThat(report.kinds()).anySatisfy(kind -> assertThat(kind).startsWith("Auth/AuthStatus"));
  }
}
