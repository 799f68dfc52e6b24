//! Settings of the three workflows, section `[workflow]`: how soon a person looks, whom to call, where work goes.
//!
//! Plain data. [`WorkflowConfig::validate`] names the setting that is wrong. Wording that customers read is data
//! too: the action templates (`templates_path`) and the texts below.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{InvalidSetting, in_range};

/// Everything the workflows take from the operator.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WorkflowConfig {
    /// A file of action templates (TOML) used instead of the built-in one.
    pub templates_path: Option<PathBuf>,
    /// How soon a person looks at a record.
    pub sla: SlaConfig,
    /// How a customer reaches a person.
    pub contact: ContactConfig,
    /// Numbers for emergencies.
    pub emergency: EmergencyConfig,
    /// Where records go and how safety reports are handled.
    pub safety: SafetyConfig,
    /// The queue in which agents take over messages that the service is not sure about.
    pub tickets: TicketsConfig,
}

/// Minutes from receipt until a person has looked, by severity (safety) and priority (tickets).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SlaConfig {
    /// Minutes until a person has looked at an urgent safety report, 1 to 43,200 and no more than `high_minutes`.
    pub urgent_minutes: u32,
    /// Minutes until a person has looked at a high safety report, 1 to 43,200 and no more than `standard_minutes`.
    pub high_minutes: u32,
    /// Minutes until a person has looked at a standard safety report, 1 to 43,200.
    pub standard_minutes: u32,
    /// Minutes until a person has looked at a ticket of priority urgent, 1 to 43,200 and no more than `ticket_high_minutes`.
    pub ticket_urgent_minutes: u32,
    /// Minutes until a person has looked at a ticket of priority high, 1 to 43,200 and no more than `ticket_medium_minutes`.
    pub ticket_high_minutes: u32,
    /// Minutes until a person has looked at a ticket of priority medium, 1 to 43,200 and no more than `ticket_low_minutes`.
    pub ticket_medium_minutes: u32,
    /// Minutes until a person has looked at a ticket of priority low, 1 to 43,200.
    pub ticket_low_minutes: u32,
}

impl Default for SlaConfig {
    fn default() -> Self {
        Self {
            urgent_minutes: 15,
            high_minutes: 2 * 60,
            standard_minutes: 24 * 60,
            ticket_urgent_minutes: 60,
            ticket_high_minutes: 4 * 60,
            ticket_medium_minutes: 24 * 60,
            ticket_low_minutes: 72 * 60,
        }
    }
}

/// One way to reach a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactChannel {
    /// What it is, such as `phone`.
    pub channel: String,
    /// The number, address or link.
    pub value: String,
    /// When somebody answers.
    pub hours: String,
}

/// How a customer reaches a person when no article answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ContactConfig {
    /// The ways in which a customer reaches a person, best first; at least one.
    pub channels: Vec<ContactChannel>,
}

impl Default for ContactConfig {
    fn default() -> Self {
        let channel = |channel: &str, value: &str, hours: &str| ContactChannel {
            channel: channel.to_owned(),
            value: value.to_owned(),
            hours: hours.to_owned(),
        };
        let office = "Monday to Friday 8 a.m. to 8 p.m., Saturday 9 a.m. to 5 p.m. Eastern Time";
        Self {
            // 555-01xx numbers are reserved for fiction.
            channels: vec![
                channel("phone", "1-800-555-0142", office),
                channel("chat", "https://help.example.com/chat", office),
                channel("mail", "support@example.com", "answered within one business day"),
            ],
        }
    }
}

/// Numbers given where a message tells of an emergency. The defaults are those of the United States.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EmergencyConfig {
    /// The general emergency number.
    pub medical: String,
    /// The suicide and crisis line (call or text). Source: 988 Suicide & Crisis Lifeline.
    pub crisis: String,
    /// The poison centre line. Source: America's Poison Centers, Poison Help.
    pub poison: String,
    /// The poison line for animals. Source: ASPCA Animal Poison Control Center; empty leaves it out.
    pub animal_poison: String,
}

impl Default for EmergencyConfig {
    fn default() -> Self {
        Self {
            medical: "911".to_owned(),
            crisis: "988".to_owned(),
            poison: "1-800-222-1222".to_owned(),
            animal_poison: "1-888-426-4435".to_owned(),
        }
    }
}

/// How safety reports are handled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SafetyConfig {
    /// The compliance system records are delivered to.
    pub system: String,
    /// Who is told of an urgent report.
    pub urgent_target: String,
    /// Who is told of a high report.
    pub high_target: String,
    /// Who is told of a standard report.
    pub standard_target: String,
    /// Calendar days from day zero for a serious, unexpected case, 1 to 365. 21 CFR 314.80(c)(1)(i): 15 calendar days.
    pub serious_report_days: u16,
    /// Calendar days from day zero for other cases, 1 to 365. Directive 2001/83/EC Article 107(3): 90 days for non-serious cases.
    pub other_report_days: u16,
    /// Hours from UTC of the calendar that day zero is read from, -12 to 14. Day zero is a date: at 20:00 in New York it
    /// is already the next day in UTC. Fixed, so that the date never depends on daylight-saving rules.
    pub day_zero_utc_offset_hours: i8,
    /// The side-effects statement for prescription medicines, 21 CFR 209.10(b), word for word. Empty leaves it out
    /// (outside the United States).
    pub side_effects_statement: String,
    /// Days within which two reports of the same person, product and event are taken for the same event, 0 to 365. By what they are found is
    /// forgotten after that.
    pub duplicate_window_days: u16,
}

impl Default for SafetyConfig {
    fn default() -> Self {
        Self {
            system: "compliance".to_owned(),
            urgent_target: "safety-on-call".to_owned(),
            high_target: "safety-officer".to_owned(),
            standard_target: "safety-review".to_owned(),
            serious_report_days: 15,
            other_report_days: 90,
            day_zero_utc_offset_hours: 0,
            side_effects_statement:
                "Call your doctor for medical advice about side effects. You may report side \
                                     effects to FDA at 1-800-FDA-1088."
                    .to_owned(),
            duplicate_window_days: 30,
        }
    }
}

/// Where tickets go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TicketsConfig {
    /// The ticketing system tickets are delivered to.
    pub system: String,
    /// The queue for messages a person has to read first.
    pub agent_queue: String,
}

impl Default for TicketsConfig {
    fn default() -> Self {
        Self {
            system: "ticketing".to_owned(),
            agent_queue: "agents".to_owned(),
        }
    }
}

impl WorkflowConfig {
    /// Checks ranges and that nothing customers rely on is missing.
    ///
    /// # Errors
    /// [`InvalidSetting`] for the first setting that cannot be right.
    pub fn validate(&self) -> Result<(), InvalidSetting> {
        self.sla.validate()?;
        self.safety.validate()?;
        let texts = [
            ("workflow.emergency.medical", &self.emergency.medical),
            ("workflow.emergency.crisis", &self.emergency.crisis),
            ("workflow.emergency.poison", &self.emergency.poison),
            ("workflow.safety.system", &self.safety.system),
            ("workflow.safety.urgent_target", &self.safety.urgent_target),
            ("workflow.safety.high_target", &self.safety.high_target),
            ("workflow.safety.standard_target", &self.safety.standard_target),
            ("workflow.tickets.system", &self.tickets.system),
            ("workflow.tickets.agent_queue", &self.tickets.agent_queue),
        ];
        if let Some((name, _)) = texts.iter().find(|(_, text)| text.trim().is_empty()) {
            return Err(InvalidSetting::new(*name, "must not be empty"));
        }
        if self.contact.channels.is_empty() {
            let problem = "must hold at least one way to reach a person";
            return Err(InvalidSetting::new("workflow.contact.channels", problem));
        }
        Ok(())
    }
}

impl SlaConfig {
    /// Every promise is between a minute and 30 days, and nothing more pressing has more time than something less so.
    fn validate(&self) -> Result<(), InvalidSetting> {
        let safety = [
            ("workflow.sla.urgent_minutes", self.urgent_minutes),
            ("workflow.sla.high_minutes", self.high_minutes),
            ("workflow.sla.standard_minutes", self.standard_minutes),
        ];
        let tickets = [
            ("workflow.sla.ticket_urgent_minutes", self.ticket_urgent_minutes),
            ("workflow.sla.ticket_high_minutes", self.ticket_high_minutes),
            ("workflow.sla.ticket_medium_minutes", self.ticket_medium_minutes),
            ("workflow.sla.ticket_low_minutes", self.ticket_low_minutes),
        ];
        for (name, minutes) in safety.iter().chain(&tickets) {
            in_range(name, *minutes, 1..=43_200)?;
        }
        for pair in safety.windows(2).chain(tickets.windows(2)) {
            if pair[0].1 > pair[1].1 {
                return Err(InvalidSetting::new(
                    pair[0].0,
                    format!("must not be longer than {}", pair[1].0),
                ));
            }
        }
        Ok(())
    }
}

impl SafetyConfig {
    /// [`Self::duplicate_window_days`].
    #[must_use]
    pub fn duplicate_window(&self) -> Duration {
        Duration::from_secs(u64::from(self.duplicate_window_days) * 24 * 60 * 60)
    }

    fn validate(&self) -> Result<(), InvalidSetting> {
        in_range(
            "workflow.safety.serious_report_days",
            self.serious_report_days,
            1..=365,
        )?;
        in_range(
            "workflow.safety.other_report_days",
            self.other_report_days,
            1..=365,
        )?;
        in_range(
            "workflow.safety.duplicate_window_days",
            self.duplicate_window_days,
            0..=365,
        )?;
        in_range(
            "workflow.safety.day_zero_utc_offset_hours",
            self.day_zero_utc_offset_hours,
            -12..=14,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_valid_and_a_bad_setting_is_named() {
        assert_eq!(WorkflowConfig::default().validate(), Ok(()));
        for (broken, name) in [
            ("[sla]\nurgent_minutes = 0", "urgent_minutes"),
            (
                "[sla]\nurgent_minutes = 500",
                "urgent_minutes must not be longer than",
            ),
            (
                "[sla]\nticket_high_minutes = 1441",
                "ticket_high_minutes must not be longer than workflow.sla.ticket_medium_minutes",
            ),
            ("[emergency]\nmedical = ' '", "emergency.medical"),
            ("[emergency]\ncrisis = ''", "emergency.crisis"),
            ("[emergency]\npoison = ''", "emergency.poison"),
            ("[safety]\nsystem = ''", "safety.system"),
            ("[safety]\nurgent_target = ' '", "safety.urgent_target"),
            ("[safety]\nhigh_target = ''", "safety.high_target"),
            ("[safety]\nstandard_target = ''", "safety.standard_target"),
            ("[tickets]\nsystem = ''", "tickets.system"),
            ("[tickets]\nagent_queue = ''", "tickets.agent_queue"),
            ("[contact]\nchannels = []", "contact.channels"),
            ("[safety]\nserious_report_days = 0", "serious_report_days"),
        ] {
            let config: WorkflowConfig = toml::from_str(broken).unwrap();
            assert!(
                config.validate().unwrap_err().to_string().contains(name),
                "{broken}"
            );
        }
        assert!(toml::from_str::<WorkflowConfig>("[sla]\nurgent = 5").is_err());
    }
}
