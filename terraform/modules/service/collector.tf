# The collector (ADOT): scrapes the service's Prometheus endpoint over the task's loopback, which nothing outside the
# task can reach, and writes the metrics as embedded-metric log lines that CloudWatch turns into metrics.

locals {
  collector_config = yamlencode({
    receivers = {
      prometheus = {
        config = {
          global = { scrape_interval = "30s", scrape_timeout = "10s" }
          scrape_configs = [{
            job_name       = "switchboard"
            static_configs = [{ targets = ["127.0.0.1:9464"] }]
            # Only the service's own series: every series is paid for.
            metric_relabel_configs = [{ source_labels = ["__name__"], regex = "switchboard_.*", action = "keep" }]
          }]
        }
      }
      # Traces, should the service be told to send any (OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318).
      otlp = { protocols = { http = { endpoint = "127.0.0.1:4318" } } }
    }
    processors = {
      memory_limiter    = { check_interval = "5s", limit_mib = 200 }
      resourcedetection = { detectors = ["env", "ecs"], timeout = "5s", override = false }
      batch             = { timeout = "30s" }
    }
    exporters = {
      awsemf = {
        namespace               = var.metrics_namespace
        log_group_name          = aws_cloudwatch_log_group.metrics.name
        region                  = data.aws_region.current.name
        dimension_rollup_option = "NoDimensionRollup"
      }
      awsxray = { region = data.aws_region.current.name }
    }
    service = {
      pipelines = {
        metrics = {
          receivers  = ["prometheus"]
          processors = ["memory_limiter", "resourcedetection", "batch"]
          exporters  = ["awsemf"]
        }
        traces = {
          receivers  = ["otlp"]
          processors = ["memory_limiter", "resourcedetection", "batch"]
          exporters  = ["awsxray"]
        }
      }
    }
  })
}
