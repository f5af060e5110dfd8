package io.lodestone.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;

final class DemoTest {
  @Test
  void theDemoRestoresFromFilesAndFromS3WhatTheLostClusterHad() throws Exception {
    JsonNode report = Cli.report("demo");
    assertThat(report.path("equal").asBoolean()).isTrue();
    assertThat(report.path("restored")).hasSize(2);
    for (JsonNode restored : report.path("restored")) {
      assertThat(restored.path("revision").asLong()).isGreaterThan(50);
      assertThat(restored.path("hashKvAfter").asText())
          .isEqualTo(restored.path("hashKvBefore").asText());
    }
  }
}
