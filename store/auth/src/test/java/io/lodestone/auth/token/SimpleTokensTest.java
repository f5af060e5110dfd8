package io.lodestone.auth.token;

import static org.assertj.core.api.Assertions.assertThat;

import io.lodestone.auth.Identity;
import java.security.SecureRandom;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class SimpleTokensTest {
  private long nanos = Long.MAX_VALUE - 5; // a clock may wrap
  private final SimpleTokens tokens =
      new SimpleTokens(Duration.ofSeconds(10), () -> nanos, new SecureRandom());

  SimpleTokensTest() {
    tokens.enable();
  }

  private void advance(int seconds) {
    nanos += Duration.ofSeconds(seconds).toNanos();
  }

  @Test
  void aTokenIsSixteenLettersAndTheIndexOfItsLogin() {
    String token = tokens.assign("ann", tokens.prefix(), 42);
    assertThat(token).matches("[a-zA-Z]{16}\\.42");
    assertThat(tokens.identify(token, 7)).contains(new Identity("ann", 7));
    assertThat(tokens.neededIndex(token)).isEqualTo(42);
    assertThat(tokens.neededIndex("nonsense")).isZero();
    assertThat(tokens.neededIndex("non.sense")).isZero();
  }

  @Test
  void useRenewsAndIdlenessEnds() {
    String token = tokens.assign("ann", tokens.prefix(), 1);
    advance(8);
    assertThat(tokens.identify(token, 1)).isPresent();
    advance(8);
    assertThat(tokens.identify(token, 1)).isPresent();
    advance(11);
    assertThat(tokens.identify(token, 1)).isEmpty();
  }

  @Test
  void changesOfTheUserAndDisablingInvalidate() {
    String ann = tokens.assign("ann", tokens.prefix(), 1);
    String bob = tokens.assign("bob", tokens.prefix(), 2);
    tokens.invalidate("ann");
    assertThat(tokens.identify(ann, 1)).isEmpty();
    assertThat(tokens.identify(bob, 1)).isPresent();
    tokens.disable();
    assertThat(tokens.identify(bob, 1)).isEmpty();
  }

  @Test
  void whileDisabledNothingIsKept() {
    tokens.disable();
    assertThat(tokens.identify(tokens.assign("ann", "prefix", 1), 1)).isEmpty();
  }
}
