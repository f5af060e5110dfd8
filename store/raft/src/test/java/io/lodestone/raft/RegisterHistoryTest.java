package io.lodestone.raft;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class RegisterHistoryTest {
  private final RegisterHistory history = new RegisterHistory();

  @Test
  void acceptsWhatOverlaps() {
    history.wrote("a", 0, 10);
    history.perhapsWrote("b", 5);
    history.read("", 1, 2);
    history.read("b", 20, 30);
    history.check(List.of("a", "b"));
  }

  @Test
  void findsAStaleRead() {
    history.wrote("a", 0, 10);
    history.read("", 11, 12);
    assertThatThrownBy(() -> history.check(List.of("a"))).isInstanceOf(AssertionError.class);
  }

  @Test
  void findsReadsThatGoBack() {
    history.perhapsWrote("a", 0);
    history.read("a", 1, 2);
    history.read("", 3, 4);
    assertThatThrownBy(() -> history.check(List.of("a"))).isInstanceOf(AssertionError.class);
  }

  @Test
  void findsWhatIsLostAndWhatIsThereTwice() {
    history.wrote("a", 0, 10);
    assertThatThrownBy(() -> history.check(List.of())).isInstanceOf(AssertionError.class);
    assertThatThrownBy(() -> history.check(List.of("a", "a"))).isInstanceOf(AssertionError.class);
  }

  @Test
  void findsWritesInTheWrongOrder() {
    history.wrote("a", 0, 10);
    history.wrote("b", 11, 12);
    assertThatThrownBy(() -> history.check(List.of("b", "a"))).isInstanceOf(AssertionError.class);
  }
}
