package io.lodestone.restore.keys;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.lodestone.restore.keys.KeySelection.Rename;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which keys are meant, and what they are called afterwards. */
final class KeySelectionTest {
  private static ByteString b(String text) {
    return ByteString.copyFromUtf8(text);
  }

  private static Rename rename(String from, String to) {
    return new Rename(b(from), b(to));
  }

  private static KeySelection below(String prefix, Rename... renames) {
    return new KeySelection(List.of(), List.of(b(prefix)), List.of(renames));
  }

  @Test
  void keysAndPrefixesAreMeant() {
    KeySelection selection = new KeySelection(List.of(b("x")), List.of(b("a/")), List.of());

    assertThat(selection.contains(b("x"))).isTrue();
    assertThat(selection.contains(b("x1"))).isFalse();
    assertThat(selection.contains(b("a/1"))).isTrue();
    assertThat(selection.contains(b("a"))).isFalse();
    assertThat(below("").contains(b("anything"))).isTrue();
  }

  @Test
  void theLongestFittingNameCounts() {
    KeySelection selection = below("a/", rename("a/", "b/"), rename("a/x/", "y/"));

    assertThat(selection.renamed(b("a/1"))).isEqualTo(b("b/1"));
    assertThat(selection.renamed(b("a/x/1"))).isEqualTo(b("y/1"));
    assertThat(selection.renamed(b("c"))).isEqualTo(b("c"));
  }

  @Test
  void namesLeadBackToWhatBecomesThem() {
    KeySelection selection = below("a/", rename("a/", "b/"), rename("a/x/", "y/"));

    assertThat(selection.origins(b("b/1"))).containsExactly(b("a/1"));
    assertThat(selection.origins(b("y/1"))).containsExactly(b("a/x/1"));
    assertThat(selection.origins(b("b/x/1"))).isEmpty();
    assertThat(selection.origins(b("a/1"))).isEmpty();
  }

  @Test
  void twoKeysThatBecomeOneAreSeen() {
    KeySelection selection =
        new KeySelection(List.of(), List.of(b("a/"), b("b/")), List.of(rename("a/", "b/")));

    assertThat(selection.clashing(b("a/1"), b("b/1"))).contains(b("b/1"));
    assertThat(below("a/", rename("a/", "b/")).clashing(b("a/1"), b("b/1"))).isEmpty();
  }

  @Test
  void thePrefixesOfTheTargetHoldAllThatMayBeExtra() {
    assertThat(below("a/").targetPrefixes()).containsExactly(b("a/"));
    assertThat(below("a/", rename("a/", "b/")).targetPrefixes()).containsExactly(b("b/"));
    assertThat(below("a/", rename("a/x/", "y/")).targetPrefixes())
        .containsExactly(b("a/"), b("y/"));
    assertThat(below("a/", rename("a/x/", "a/y/")).targetPrefixes()).containsExactly(b("a/"));
  }
}
