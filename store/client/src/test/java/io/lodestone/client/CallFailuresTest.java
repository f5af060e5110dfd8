package io.lodestone.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.lodestone.api.LodestoneException;
import java.nio.channels.ClosedChannelException;
import org.junit.jupiter.api.Test;

class CallFailuresTest {
  @Test
  void aMemberKilledUnderACallIsAwayNotWrong() {
    Status status =
        Status.UNKNOWN.withDescription("channel closed").withCause(new ClosedChannelException());

    LodestoneException failure = CallFailures.of("Status on m1", status, status.asException());

    assertThat(failure).isInstanceOf(UnavailableException.class).hasMessageContaining("broke off");
    assertThat(((UnavailableException) failure).neverSent()).isFalse();
  }

  @Test
  void whatAServerSaysWithoutACodeIsNoAbsence() {
    Status status = Status.UNKNOWN.withDescription("something else");

    assertThat(CallFailures.of("Status on m1", status, status.asException()))
        .isNotInstanceOf(UnavailableException.class);
  }
}
