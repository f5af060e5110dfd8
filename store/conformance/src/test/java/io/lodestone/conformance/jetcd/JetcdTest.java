package io.lodestone.conformance.jetcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.lodestone.conformance.Contestant;
import io.lodestone.conformance.Contestants;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class JetcdTest {
  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource
  void jetcdSeesTheSameOnBoth(Scene scene) throws Exception {
    List<String> expected = lines(Contestants.REFERENCE, scene);
    assertThat(lines(Contestants.candidate(), scene)).isEqualTo(expected).isNotEmpty();
  }

  private List<String> lines(Contestants who, Scene scene) throws Exception {
    try (Contestant contestant = who.startHasty(folder.resolve(who.name()), "--bcrypt-cost=4")) {
      Transcript seen = new Transcript();
      scene.play("http://" + contestant.endpoint(), seen);
      return seen.lines();
    }
  }
}
